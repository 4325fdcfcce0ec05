import { dayNumber, dayOfDate } from '../../time.js';
import type { Check, CheckContext, Problem, RowRule } from './check.js';
import { countRules, type RuleCount } from './count-rules.js';
import { CHECKS } from './index.js';

export interface CheckRequest extends Omit<CheckContext, 'today'> {
  now: Date;
}

/** Runs every check that is not off and returns every problem, in the order of the checks. */
export async function runChecks({ now, ...parts }: CheckRequest): Promise<Problem[]> {
  const context: CheckContext = { ...parts, today: dayNumber(dayOfDate(now)) };
  const settings = parts.config.checks;
  const checks = CHECKS.filter(({ id }) => settings[id].severity !== 'off');
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
    const { severity } = settings[check.id];
    problems.push(
      ...found.map((problem) => ({
        check: check.id,
        ...problem,
        ...(severity !== undefined && severity !== 'off' && { severity }),
      })),
    );
  }
  return problems;
}

function problemOf(check: Check, rule: RowRule, count: RuleCount): Omit<Problem, 'check'>[] {
  const { rows, all, examples } = count;
  const severity = rule.severity === undefined ? check.severity : rule.severity(rows, all);
  return rows === 0 || severity === null
    ? []
    : [{ severity, source: rule.source, message: rule.message(rows, all), rows, examples }];
}
