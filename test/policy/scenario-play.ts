import assert from 'node:assert/strict';
import { type Decision, decide } from '../../src/policy/decide.js';
import type { Evidence } from '../../src/policy/rule.js';
import type { PolicySettings } from '../../src/policy/settings.js';
import { DEFAULT_POLICY } from './default-policy.js';
import { driftReport, evaluationReport } from './reports.js';
import type { Scenario, Statement } from './scenario.js';

/** Tells the story day by day, decides at each expectation, and fails at the first that is not met. */
export function playScenario(scenario: Scenario): Decision[] {
  const settings = settingsOf(scenario);
  const decisions: Decision[] = [];
  const evidence: Evidence = {
    at: '',
    champion: null,
    drift: [],
    evaluations: [],
    newest_labelled_day: null,
    last_retrain: null,
  };
  for (const { day, statements } of scenario.days) {
    evidence.at = day;
    for (const statement of statements) {
      if (statement.kind === 'expect' || statement.kind === 'expect-finding') {
        const decision = decide(evidence, settings);
        expect(decision, statement);
        decisions.push(decision);
      } else {
        happen(evidence, statement);
      }
    }
  }
  return decisions;
}

type Happening = Exclude<Statement, { kind: 'expect' | 'expect-finding' }>;

function happen(evidence: Evidence, statement: Happening): void {
  const { at } = evidence;
  switch (statement.kind) {
    case 'champion': {
      const { version, trained, from, to, measures, positiveRate } = statement;
      evidence.champion = {
        version,
        trained_at: trained,
        data: { from, to },
        measures: Object.fromEntries(measures.map(({ measure, ...value }) => [measure, value])),
        positive_rate: positiveRate,
      };
      break;
    }
    case 'no-champion':
      evidence.champion = null;
      break;
    case 'drift':
      evidence.drift.unshift({ at, version: statement.version, report: driftReport(statement) });
      break;
    case 'evaluation': {
      const { version, measures, positiveRate } = statement;
      evidence.evaluations.unshift({
        at,
        version,
        report: evaluationReport(version, measures, positiveRate),
      });
      break;
    }
    case 'labelled':
      evidence.newest_labelled_day = statement.until;
      break;
    case 'retrain':
      evidence.last_retrain = { at, verdict: statement.verdict };
  }
}

function expect(decision: Decision, statement: Exclude<Statement, Happening>): void {
  const told = `on ${decision.at}: ${decision.because}`;
  if (statement.kind === 'expect') {
    assert.equal(decision.decision, statement.decision, told);
    return;
  }
  const finding = decision.findings.find(({ rule }) => rule === statement.rule);
  assert.ok(finding, `there is no rule ${statement.rule}`);
  assert.equal(finding.says, statement.says, `${statement.rule} ${told} ${finding.because}`);
  if (statement.since !== null) {
    assert.equal(finding.since, statement.since, `${statement.rule} ${told}`);
  }
}

/** The default policy with the scenario's changes. */
export function settingsOf(scenario: Scenario): PolicySettings {
  const settings = structuredClone(DEFAULT_POLICY);
  for (const { path, value } of scenario.settings) {
    const keys = path.split('.');
    const last = keys.pop()!;
    let place: Record<string, unknown> = settings as unknown as Record<string, unknown>;
    for (const key of keys) {
      place = place[key] as Record<string, unknown>;
    }
    assert.equal(typeof place?.[last], typeof value, `the setting ${path}`);
    place[last] = value;
  }
  return settings;
}
