import type { Check, CheckContext, Problem, RowRule } from './check.js';
import { countRules, type RuleCount } from './count-rules.js';
import { CHECKS } from './index.js';

/** Runs every check and returns every problem, in the order of the checks. */
export async function runChecks(
  context: CheckContext,
  checks: readonly Check[] = CHECKS,
): Promise<Problem[]> {
  const rulesOf = new Map(
    checks.map((check) => [check, 'rules' in check ? check.rules(context) : []] as const),
  );
  const counts = await countRules(context, [...rulesOf.values()].flat());
  const problems: Problem[] = [];
  for (const check of checks) {
    const found =
      'run' in check
        ? await check.run(context)
        : (rulesOf.get(check) ?? []).flatMap((rule) => problemOf(check, rule, counts.get(rule) as RuleCount));
    problems.push(...found.map((problem) => ({ check: check.id, ...problem })));
  }
  return problems;
}

function problemOf(check: Check, rule: RowRule, count: RuleCount): Omit<Problem, 'check'>[] {
  const { rows, all, examples } = count;
  if (rows === 0) {
    return [];
  }
  const severity = rule.severity?.(rows, all) ?? check.severity;
  return [{ severity, source: rule.source, message: rule.message(rows, all), rows, examples }];
}
