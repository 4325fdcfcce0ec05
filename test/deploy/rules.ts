import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const RULES_FOLDER = 'deploy/prometheus/rules';
export const RULE_TESTS_FOLDER = 'deploy/prometheus/tests';

export interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface RuleGroup {
  name: string;
  rules: Rule[];
}

/** The groups of every rule file, in the order of the files' names. */
export function ruleGroups(): RuleGroup[] {
  return readdirSync(RULES_FOLDER)
    .sort()
    .flatMap(
      (file) => (parse(readFileSync(join(RULES_FOLDER, file), 'utf8')) as { groups: RuleGroup[] }).groups,
    );
}

export function allRules(): Rule[] {
  return ruleGroups().flatMap(({ rules }) => rules);
}

export function alerts(): (Rule & { alert: string })[] {
  return allRules().filter((rule): rule is Rule & { alert: string } => rule.alert !== undefined);
}
