import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../src/policy/decide.js';
import type { Evidence, Rule } from '../../src/policy/rule.js';
import { RULES } from '../../src/policy/rules/index.js';
import { addDays } from '../../src/time.js';
import { anyEvidence, anySettings, TODAY } from './arbitrary.js';
import { DEFAULT_POLICY } from './default-policy.js';

const saying = (id: string, says: 'firing' | 'veto' | 'quiet' | 'pending'): Rule => ({
  id,
  title: id,
  kind: says === 'veto' ? 'veto' : 'trigger',
  unit: null,
  enabled: () => true,
  judge: () => ({ says, value: null, threshold: null, since: null, because: `${id} ${says}` }),
});

it('retrains exactly when something fires and nothing vetoes', () => {
  const says = fc.constantFrom('firing', 'veto', 'quiet', 'pending');
  fc.assert(
    fc.property(anyEvidence, fc.array(says), (evidence, all) => {
      const rules = all.map((one, index) => saying(`r${index}`, one));
      const expected = all.includes('firing') && !all.includes('veto') ? 'retrain' : 'wait';
      assert.equal(decide(evidence, DEFAULT_POLICY, rules).decision, expected);
    }),
  );
});

it('gives the same decision again, and leaves its evidence and settings alone', () => {
  fc.assert(
    fc.property(anyEvidence, anySettings, (evidence, settings) => {
      const before = structuredClone({ evidence, settings });
      const first = decide(evidence, settings);
      assert.deepEqual(decide(evidence, settings), first);
      assert.deepEqual(structuredClone({ evidence, settings }), before);
      assert.equal(first.at, TODAY);
    }),
  );
});

it('never retrains because of one more veto', () => {
  fc.assert(
    fc.property(anyEvidence, anySettings, (evidence, settings) => {
      const vetoed = decide(evidence, settings, [...RULES, saying('extra', 'veto')]);
      assert.equal(vetoed.decision, 'wait');
      const eased = decide(
        evidence,
        settings,
        RULES.filter(({ kind }) => kind === 'trigger'),
      );
      const full = decide(evidence, settings);
      assert.ok(full.decision === 'wait' || eased.decision === 'retrain');
    }),
  );
});

it('never waits because drift is worse', () => {
  const worse = fc.double({ min: 1, max: 100, noNaN: true });
  fc.assert(
    fc.property(anyEvidence, anySettings, worse, (evidence, settings, factor) => {
      const before = decide(evidence, settings).decision;
      const after = decide(withWorseDrift(evidence, factor), settings).decision;
      assert.ok(before === 'wait' || after === 'retrain');
    }),
  );
});

/** The newest check with every PSI multiplied, its statuses as they were. */
function withWorseDrift(evidence: Evidence, factor: number): Evidence {
  const drift = structuredClone(evidence.drift);
  for (const { report } of drift.slice(0, 1)) {
    report.overall_max_psi = (report.overall_max_psi ?? 0) * factor;
    for (const feature of report.features) {
      feature.value = (feature.value ?? 0) * factor;
      report.psi_by_feature[feature.name] = feature.value;
      feature.parts.forEach((part) => {
        part.psi *= factor;
      });
    }
  }
  return { ...evidence, drift };
}

it('does not depend on the order of the rules', () => {
  const shuffled = fc.shuffledSubarray([...RULES], { minLength: RULES.length });
  fc.assert(
    fc.property(anyEvidence, anySettings, shuffled, (evidence, settings, rules) => {
      const byRule = (all: { rule: string }[]) => all.toSorted((a, b) => (a.rule < b.rule ? -1 : 1));
      const one = decide(evidence, settings);
      const other = decide(evidence, settings, rules);
      assert.equal(other.decision, one.decision);
      assert.deepEqual(byRule(other.findings), byRule(one.findings));
    }),
  );
});

it('ignores what lies after the day of the decision, is about another version or too old', () => {
  fc.assert(
    fc.property(anyEvidence, anySettings, (evidence, settings) => {
      const oldest = addDays(TODAY, -settings.evidence_max_age_days);
      const counts = (one: { at: string; version: string | null }) =>
        one.at >= oldest && one.at <= TODAY && one.version === evidence.champion?.version;
      // Old reports still tell since when something holds and what volume is usual, so both are left out here.
      const feed = { ...settings.broken_feed, volume_share: 0 };
      const clean = {
        ...evidence,
        drift: evidence.drift.filter(counts),
        evaluations: evidence.evaluations.filter(counts),
      };
      const says = (one: Evidence) =>
        decide(one, { ...settings, broken_feed: feed }).findings.map((finding) => finding.says);
      assert.deepEqual(says(clean), says(evidence));
    }),
  );
});

it('says something of every rule, in the order of the list, and each rule only what its kind may', () => {
  fc.assert(
    fc.property(anyEvidence, anySettings, (evidence, settings) => {
      const { findings, because } = decide(evidence, settings);
      assert.deepEqual(
        findings.map(({ rule }) => rule),
        RULES.map(({ id }) => id),
      );
      assert.ok(because.length > 0);
      findings.forEach((finding, index) => {
        const allowed = RULES[index].kind === 'veto' ? ['quiet', 'veto'] : ['quiet', 'pending', 'firing'];
        assert.ok(allowed.includes(finding.says));
        assert.ok(
          finding.because.length > 0 && !/NaN|Infinity|\[object/.test(finding.because),
          finding.because,
        );
        assert.ok(finding.since === null || (finding.since <= TODAY && finding.says !== 'quiet'));
        assert.ok(finding.value === null || Number.isFinite(finding.value));
      });
    }),
  );
});

it('tells vetoes first, then what fires, then what is pending', () => {
  const rules = [saying('a', 'pending'), saying('b', 'firing'), saying('c', 'veto'), saying('d', 'quiet')];
  const empty: Evidence = {
    at: TODAY,
    champion: null,
    drift: [],
    evaluations: [],
    newest_labelled_day: null,
    last_retrain: null,
  };
  assert.match(decide(empty, DEFAULT_POLICY, rules).because, /^c \(veto\).*; b \(firing\).*; a \(pending\)/);
  assert.equal(decide(empty, DEFAULT_POLICY, [rules[3]]).because, 'no rule has a reason to retrain');
});
