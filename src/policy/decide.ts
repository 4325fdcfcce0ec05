import type { Day } from '../time.js';
import { type Evidence, type Finding, quiet, type Rule, type Says } from './rule.js';
import { RULES } from './rules/index.js';
import type { PolicySettings } from './settings.js';

export interface Decision {
  decision: 'wait' | 'retrain';
  /** As of which day. */
  at: Day;
  /** What every rule said, also those that say nothing is wrong. */
  findings: Finding[];
  /** The reasons in one text. */
  because: string;
}

/**
 * The only place that says "retrain": when any rule fires and none vetoes. Pure; the order of the rules changes the
 * order of the findings and nothing else.
 */
export function decide(
  evidence: Evidence,
  settings: PolicySettings,
  rules: readonly Rule[] = RULES,
): Decision {
  const findings = rules.map((rule) => ({
    rule: rule.id,
    ...(rule.enabled(settings) ? rule.judge(evidence, settings) : quiet('switched off in the configuration')),
  }));
  const decision = says(findings, 'firing').length > 0 && says(findings, 'veto').length === 0;
  return {
    decision: decision ? 'retrain' : 'wait',
    at: evidence.at,
    findings,
    because: explain(findings),
  };
}

function says(findings: Finding[], what: Says): Finding[] {
  return findings.filter((finding) => finding.says === what);
}

/** Vetoes first, then what fires, then what is pending. */
function explain(findings: Finding[]): string {
  const parts = (['veto', 'firing', 'pending'] as const).flatMap((what) =>
    says(findings, what).map((finding) => `${finding.rule} (${finding.says}): ${finding.because}`),
  );
  return parts.length === 0 ? 'no rule has a reason to retrain' : parts.join('; ');
}
