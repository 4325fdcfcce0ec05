import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { requirePrometheus } from '../servers/prometheus.js';
import { dashboards, filledIn, panelsOf, queriesOf } from './dashboards.js';
import { exportedSeries, seriesIn } from './exported-series.js';

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana's
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Ids of units as Grafana's field configuration knows them: those that our panels use. */
const UNITS = ['none', 'short', 'percentunit', 's', 'reqps', 'bytes'];

before(requirePrometheus);

test('there are two dashboards, with stable ids that provisioning needs', () => {
  assert.deepEqual(
    dashboards.map(([file, { uid, title, id }]) => [file, uid, title, id]),
    [
      ['api.json', 'churn-api', 'Churn API Metrics', null],
      ['model.json', 'churn-model', 'Churn Model', null],
    ],
  );
});

test("the contract's panels are there by their names", () => {
  const titles = panelsOf(dashboards[0][1]).map(({ title }) => title);
  for (const title of ['Request Rate', 'Error Rate', 'P95 Latency', 'Prediction Throughput']) {
    assert.ok(titles.includes(title), title);
  }
});

for (const [file, dashboard] of dashboards) {
  const panels = panelsOf(dashboard);
  const variable = (name: string) => {
    const found = dashboard.templating.list.filter((one) => one.name === name);
    assert.equal(found.length, 1, name);
    return found[0];
  };

  test(`${file}: classic model, and not edited in the browser (uneditable-dashboard)`, () => {
    assert.equal(dashboard.editable, false);
    assert.ok(Number.isInteger(dashboard.schemaVersion) && dashboard.schemaVersion >= 39);
    assert.ok(!('__inputs' in dashboard));
    const ids = dashboard.panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  test(`${file}: one data source, and job and instance to choose (template-*-rule)`, () => {
    const sources = dashboard.templating.list.filter(({ type }) => type === 'datasource');
    assert.equal(sources.length, 1);
    assert.deepEqual(
      [sources[0].name, sources[0].label, sources[0].query],
      ['datasource', 'Data Source', 'prometheus'],
    );
    for (const [name, label] of [
      ['job', 'Job'],
      ['instance', 'Instance'],
    ]) {
      const { type, multi, allValue, refresh, datasource, ...rest } = variable(name);
      assert.deepEqual([type, rest.label, multi, allValue, refresh], ['query', label, true, '.+', 2]);
      assert.deepEqual(datasource, SOURCE);
      const query = typeof rest.query === 'string' ? rest.query : rest.query.query;
      const [, series] = /^label_values\((\w+)/.exec(query) ?? [];
      assert.ok(exportedSeries().has(series), query);
    }
  });

  test(`${file}: every panel has title, description, unit, targets and the chosen source (panel-*-rule)`, () => {
    for (const { title, description, datasource, fieldConfig, targets } of panels) {
      assert.ok(title && description, title);
      assert.deepEqual(datasource, SOURCE, title);
      assert.ok(UNITS.includes(fieldConfig.defaults.unit ?? ''), title);
      assert.ok(targets && targets.length > 0, title);
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
      for (const target of targets) {
        assert.deepEqual(target.datasource, SOURCE, title);
      }
    }
    const titles = panels.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length);
  });

  test(`${file}: panels lie on the grid and do not overlap`, () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      const { x, y, w, h } = gridPos;
      assert.ok(x >= 0 && x + w <= 24, title);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          assert.ok(!taken.has(`${column} ${line}`), `${title} overlaps`);
          taken.add(`${column} ${line}`);
        }
      }
    }
  });

  test(`${file}: queries name job, instance, and the interval of the zoom (target-*-rule)`, () => {
    for (const { of, expr } of queriesOf(dashboard)) {
      const selectors = [...expr.matchAll(/\{[^{}]*\}/g)].map(([text]) => text);
      assert.equal(selectors.length, seriesIn(expr).length, `${of}: a selector for each series`);
      for (const selector of selectors) {
        assert.match(selector, /job=~"\$job"/, of);
        assert.match(selector, /instance=~"\$instance"/, of);
      }
      for (const [, range] of expr.matchAll(/\[([^\]]+)\]/g)) {
        assert.equal(range, '$__rate_interval', of);
      }
      for (const name of seriesIn(expr).filter((one) => /_total$|_bucket$/.test(one))) {
        assert.match(expr, new RegExp(`(rate|irate|increase)\\(${name}\\{`), of);
      }
    }
  });

  test(`${file}: every series is exported`, () => {
    const known = exportedSeries();
    for (const { of, expr } of queriesOf(dashboard)) {
      assert.deepEqual(
        seriesIn(expr).filter((name) => !known.has(name)),
        [],
        of,
      );
    }
  });

  test(`${file}: Prometheus' own parser takes every query (target-promql-rule)`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-dashboards-'));
    t.after(() => rm(folder, { recursive: true }));
    const rules = queriesOf(dashboard).map(({ expr }, i) => ({
      record: `query:number:${i}`,
      expr: filledIn(expr, '5m'),
    }));
    await writeFile(join(folder, 'queries.yaml'), JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    const { stdout } = await promisify(execFile)('promtool', [
      'check',
      'rules',
      join(folder, 'queries.yaml'),
    ]);
    assert.match(stdout, new RegExp(`SUCCESS: ${rules.length} rules`));
  });
}
