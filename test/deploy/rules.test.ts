import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { requirePrometheus } from '../servers/prometheus.js';
import { exportedSeries, seriesIn } from './exported-series.js';
import { alerts, allRules, RULE_TESTS_FOLDER, RULES_FOLDER } from './rules.js';

const promtool = (...args: string[]) => promisify(execFile)('promtool', args, { timeout: 300_000 });
const filesOf = (folder: string) => readdirSync(folder).map((file) => join(folder, file));

interface RuleTest {
  name: string;
  alert_rule_test: {
    alertname: string;
    exp_alerts: { exp_labels: Record<string, string>; exp_annotations: Record<string, string> }[];
  }[];
}

const cases = filesOf(RULE_TESTS_FOLDER)
  .flatMap((file) => (parse(readFileSync(file, 'utf8')) as { tests: RuleTest[] }).tests)
  .flatMap((one) => one.alert_rule_test);

before(requirePrometheus);

test('the rules are what promtool accepts', async () => {
  await promtool('check', 'rules', ...filesOf(RULES_FOLDER));
});

/**
 * A test that spans more than 36 hours is compacted while it runs, and a rule may then miss samples that are there
 * (prometheus/prometheus#10863). A wrong rule fails every time; the race does not.
 */
async function testRules(file: string, tries = 8): Promise<void> {
  await promtool('test', 'rules', file).catch((error: unknown) => {
    if (tries === 1) throw error;
    return testRules(file, tries - 1);
  });
}

test('every alert fires when it should and not otherwise: the unit tests of promtool pass', async () => {
  await Promise.all(filesOf(RULE_TESTS_FOLDER).map((file) => testRules(file)));
});

test('there is a firing and a silent case for every alert', () => {
  for (const { alert } of alerts()) {
    const own = cases.filter(({ alertname }) => alertname === alert);
    assert.ok(
      own.some(({ exp_alerts }) => exp_alerts.length > 0),
      `${alert} is never seen firing`,
    );
    // The dead man's switch is never silent.
    assert.ok(
      alert === 'ChurnDeadMansSwitch' || own.some(({ exp_alerts }) => exp_alerts.length === 0),
      `${alert} is never seen silent`,
    );
  }
  const names = new Set(alerts().map(({ alert }) => alert));
  assert.deepEqual(
    cases.filter(({ alertname }) => !names.has(alertname)),
    [],
    'cases of alerts that are gone',
  );
});

test('every firing alert has the namespace, without which no AlertmanagerConfig sees it', () => {
  for (const { alertname, exp_alerts } of cases) {
    for (const { exp_labels } of exp_alerts) {
      assert.equal(exp_labels.namespace, 'churn-mlops', alertname);
    }
  }
});

test("the contract's alerts keep their names and severities", () => {
  const found = Object.fromEntries(
    alerts().map(({ alert, labels, for: lasting }) => [alert, [labels?.severity, lasting]]),
  );
  assert.deepEqual(found.HighErrorRate, ['critical', '5m']);
  assert.deepEqual(found.HighLatency, ['warning', '5m']);
  assert.deepEqual(found.DataDriftDetected, ['warning', '1m']);
});

test('every series in a rule is exported by the API, by kube-state-metrics, or recorded', () => {
  const known = new Set([...exportedSeries(), ...allRules().flatMap(({ record }) => record ?? [])]);
  const used = allRules().flatMap(({ expr }) => seriesIn(expr));
  assert.ok(used.length > 80);
  assert.deepEqual(
    used.filter((name) => !known.has(name)),
    [],
  );
});

test('every alert says how bad it is and what to do: its runbook section exists', () => {
  const sections = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (.+)$/gm)].map(
    ([, title]) => title,
  );
  const names = alerts().map(({ alert }) => alert);
  for (const { alert, labels, annotations } of alerts()) {
    assert.match(labels?.severity ?? '', /^(critical|warning|none)$/, alert);
    assert.ok(annotations?.summary && annotations.description, alert);
    assert.equal(annotations.runbook_url, `docs/runbook.md#${alert.toLowerCase()}`);
    assert.ok(sections.includes(alert), `docs/runbook.md has no section ${alert}`);
  }
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    sections.filter((title) => /^(Churn|High|DataDrift)/.test(title) && !names.includes(title)),
    [],
  );
});
