import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { ESTIMATE_FILE, type EstimateReport, estimatePredictions } from '../../src/jobs/estimate.js';
import { EVALUATION_FILE, evaluatePredictions } from '../../src/jobs/evaluate.js';
import { refreshData } from '../../src/jobs/run-steps.js';
import { scoreDay } from '../../src/jobs/score.js';
import { averagePrecision } from '../../src/monitor/performance/average-precision.js';
import type { EstimateOutcome } from '../../src/monitor/performance/estimate-record.js';
import type { DetailedEvaluationReport, EvaluationReport } from '../../src/monitor/performance/report.js';
import { rocAuc } from '../../src/monitor/performance/roc-auc.js';
import type { Project } from '../../src/open.js';
import { addDays } from '../../src/time.js';
import { call, championProject, cleanUp, copyOf, newFolder, QUICK, readReport, STORY } from './project.js';
import { asParquet, writeCsv } from './tables.js';

const MATURE = addDays(STORY.scored, 30);

describe('evaluation of a project', () => {
  let project: Project;

  before(async () => {
    project = await championProject();
    await scoreDay(project, { date: STORY.scored, at: null, version: 'champion' });
  });
  after(cleanUp);

  it('before the horizon has passed there is no answer, and a day on which there will be one', async () => {
    const early = addDays(MATURE, -1);
    const report = await evaluatePredictions(project, { at: early, date: STORY.scored });
    assert.equal(report.state, 'insufficient_data');
    assert.equal(report.matures_on, MATURE);
    assert.equal(report.pr_auc, null);
    assert.match(report.reasons.pr_auc ?? '', new RegExp(`the horizon of ${STORY.scored} ends on ${MATURE}`));
    assert.equal(report.counts.matched, 0);
    assert.ok(report.counts.immature > 400);
    const found = await call(project.root, ['evaluate', '--at', early, '--json']);
    assert.equal(found.code, 3);
    assert.equal(found.json<EvaluationReport>().matures_on, MATURE);
    assert.equal((await call(project.root, ['evaluate', '--at', early, '--insufficient', 'ok'])).code, 0);
  });

  it('waits for late events when told to', async () => {
    const patient = await copyOf(project, { ...QUICK, evaluation: { lateness_days: 3, draws: 300 } });
    const report = await evaluatePredictions(patient, { at: MATURE, date: STORY.scored });
    assert.equal(report.matures_on, addDays(MATURE, 3));
    const later = await evaluatePredictions(patient, { at: addDays(MATURE, 3), date: null });
    assert.equal(later.state, 'ok');
  });

  it('on the first day after the horizon it judges those at risk, as two tables joined by hand say', async () => {
    const report = await evaluatePredictions(project, { at: MATURE, date: null });
    assert.equal(report.state, 'ok');
    assert.equal(report.prediction_date, STORY.scored);
    assert.equal(report.evaluation_date, MATURE);
    const engine = await project.engine();
    const table = (path: string) => readTable(engine, path);
    const { predictions, labelsDaily, userFeaturesDaily } = project.layout;
    const rows = await engine.rows<{ risk: number; label: number }>(sql`
      SELECT churn_risk AS risk, churn_label AS label FROM ${table(predictions(STORY.scored))} AS p
      JOIN ${table(labelsDaily)} AS l USING (user_id, as_of_date)
      JOIN (SELECT user_id, as_of_date FROM ${table(userFeaturesDaily)} WHERE active_days_30d > 0) AS f USING (user_id, as_of_date)`);
    assert.equal(report.sample_size, rows.length);
    const labels = Uint8Array.from(rows, ({ label }) => label);
    const scores = Float64Array.from(rows, ({ risk }) => risk);
    assert.equal(
      report.positives,
      labels.reduce((sum, label) => sum + label, 0),
    );
    assert.ok(
      Math.abs((report.pr_auc as number) - (averagePrecision.of(labels, scores).value as number)) < 1e-12,
    );
    assert.ok(Math.abs((report.roc_auc as number) - (rocAuc.of(labels, scores).value as number)) < 1e-12);
    for (const [id, [low, high]] of Object.entries(report.intervals)) {
      const value = report[id as 'pr_auc'] as number;
      assert.ok(low <= value && value <= high, id);
    }
    const { matched, immature, unmatched, excluded } = report.counts;
    const [{ all }] = await engine.rows<{ all: number }>(
      sql`SELECT count(*) AS all FROM ${table(predictions(STORY.scored))}`,
    );
    assert.deepEqual([immature, unmatched], [0, 0]);
    assert.equal(matched + excluded, all);
    assert.ok(excluded > 0, 'users long gone are outside the population');
    const written = await readReport(project, EVALUATION_FILE);
    assert.deepEqual(written, JSON.parse(JSON.stringify(report)));
    assert.deepEqual(Object.keys(written).slice(0, 5), [
      'pr_auc',
      'roc_auc',
      'sample_size',
      'prediction_date',
      'evaluation_date',
    ]);
  });

  it('an unknown user is unmatched, never a user who stayed', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const path = copy.layout.predictions(STORY.scored);
    const table = readTable(engine, path);
    await engine.write(
      sql`SELECT * FROM ${table} UNION ALL SELECT * REPLACE (user_id + 1000000 AS user_id) FROM ${table} LIMIT 1000`,
      path,
      'parquet',
    );
    const before = await evaluatePredictions(project, { at: MATURE, date: null });
    const report = await evaluatePredictions(copy, { at: MATURE, date: null });
    const strangers = 1000 - before.counts.matched - before.counts.excluded;
    assert.equal(report.counts.unmatched, strangers);
    assert.equal(report.counts.matched, before.counts.matched);
    assert.equal(report.pr_auc, before.pr_auc);
  });

  it('a user who vanished from the events counts as churned', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const predictions = readTable(engine, copy.layout.predictions(STORY.scored));
    const labels = readTable(engine, copy.layout.labelsDaily);
    const features = readTable(engine, copy.layout.userFeaturesDaily);
    const [{ user_id }] = await engine.rows<{ user_id: number }>(
      sql`SELECT user_id FROM ${predictions} AS p JOIN ${labels} AS l USING (user_id, as_of_date)
        JOIN (SELECT user_id, as_of_date FROM ${features} WHERE active_days_30d > 0) AS f USING (user_id, as_of_date)
        WHERE churn_label = 0 ORDER BY user_id LIMIT 1`,
    );
    const before = await evaluatePredictions(copy, { at: MATURE, date: null });
    // All traces of this user end with the day of the prediction.
    const events = `${copy.root}/data/raw/events.parquet`;
    await engine.write(
      sql`SELECT * FROM ${readTable(engine, events)} WHERE user_id <> ${user_id} OR event_time < CAST(${addDays(STORY.scored, 1)} AS TIMESTAMP)`,
      events,
      'parquet',
    );
    await refreshData(copy, { at: STORY.trained });
    const report = await evaluatePredictions(copy, { at: MATURE, date: null });
    assert.equal(report.counts.matched, before.counts.matched);
    assert.equal(report.positives, before.positives + 1);
  });

  it('estimates before outcomes come, is held against them when they do, and keeps the record', async () => {
    const copy = await copyOf(project);
    const early = await call(copy.root, ['evaluate', '--estimate', '--at', STORY.scored, '--json']);
    assert.equal(early.code, 0, early.err);
    const estimate = early.json<EstimateReport>();
    assert.deepEqual(await readReport(copy, ESTIMATE_FILE), estimate as object);
    assert.deepEqual([estimate.prediction_date, estimate.matures_on], [STORY.scored, MATURE]);
    assert.match(estimate.assumption, /no concept drift/);
    assert.deepEqual(estimate.record, {}, 'no outcome is known yet');
    const [newest] = await copy.history.reports<EstimateReport>({ kind: 'estimate' });
    assert.deepEqual(newest.body, estimate);
    const champion = await copy.registry.champion();
    assert.equal(estimate.reference.rows, champion?.data.test.rows, 'the held-out rows, no others');

    const report = await evaluatePredictions(copy, { at: MATURE, date: null });
    assert.equal(estimate.rows, report.sample_size, 'estimated are the rows that will be judged');
    const outcome = report.estimated?.roc_auc as EstimateOutcome;
    assert.equal(outcome.estimated, estimate.measures.roc_auc.value);
    assert.equal(outcome.realised, report.roc_auc);
    assert.ok(outcome.in_band, `${outcome.realised} in ${estimate.measures.roc_auc.band}`);
    assert.ok(Math.abs(outcome.error) < 0.1, String(outcome.error));

    const later = await estimatePredictions(copy, { at: MATURE, date: STORY.scored });
    assert.equal(later.record.roc_auc.estimates, 1);
    assert.equal(later.record.roc_auc.mean_absolute_error, Math.abs(later.record.roc_auc.mean_error));
    const text = await call(copy.root, ['evaluate', '--estimate', '--at', MATURE, '--date', STORY.scored]);
    assert.match(text.out, /assumes that a score still means the same risk/);
    assert.match(text.out, /earlier estimates/);
    assert.match((await call(copy.root, ['evaluate', '--at', MATURE])).out, /had been estimated/);
    const both = await call(copy.root, ['evaluate', '--estimate', '--predictions', 'p.csv']);
    assert.equal(both.code, 64);
  });

  it('refuses labels that were built before the outcome was known', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const path = copy.layout.labelsDaily;
    await engine.write(
      sql`SELECT * FROM ${readTable(engine, path)} WHERE as_of_date < CAST(${STORY.scored} AS DATE)`,
      path,
      'parquet',
    );
    await assert.rejects(evaluatePredictions(copy, { at: MATURE, date: null }), {
      code: 'data.stale',
      message: /run `churn-mlops labels` first/,
    });
  });

  it('names the step to run when there are no predictions', async () => {
    await assert.rejects(evaluatePredictions(project, { at: '2025-07-01', date: null }), {
      code: 'input.missing',
      message: /run `churn-mlops score` first/,
    });
    await assert.rejects(evaluatePredictions(project, { at: MATURE, date: '2025-07-01' }), {
      code: 'input.missing',
      message: /score --date 2025-07-01/,
    });
  });
});

describe('evaluation of any two tables', () => {
  let folder: string;
  const evaluate = (predictions: string, outcomes: string, ...more: string[]) =>
    call(folder, [
      ...['evaluate', '--predictions', predictions, '--outcomes', outcomes],
      ...['--id', 'customer', '--score', 'risk', '--outcome', 'left', '--json', ...more],
    ]);

  before(async () => {
    folder = await newFolder();
  });
  after(cleanUp);

  const customers = Array.from({ length: 400 }, (_, i) => `c${i}`);
  const risk = customers.map((_, i) => ((i * 37) % 400) / 400);
  const left = risk.map((value, i) => (value + ((i * 13) % 10) / 20 > 0.9 ? 1 : 0));

  it('joins by id and counts what does not fit', async () => {
    const predictions = await writeCsv(folder, 'p.csv', {
      customer: [...customers, 'stranger', 'waiting'],
      risk: [...risk, 0.5, 0.5],
    });
    const outcomes = await writeCsv(folder, 'o.csv', {
      customer: [...customers, 'waiting'].reverse(),
      left: [...left, null].reverse(),
    });
    const report = (
      await evaluate(predictions, await asParquet(folder, outcomes, 'o.parquet'))
    ).json<EvaluationReport>();
    assert.deepEqual(report.counts, { matched: 400, immature: 1, unmatched: 1, excluded: 0 });
    const expected = averagePrecision.of(Uint8Array.from(left), Float64Array.from(risk)).value as number;
    assert.ok(Math.abs((report.pr_auc as number) - expected) < 1e-12);
    assert.equal(report.state, 'ok');
  });

  it('tells what acting on a top share or from a threshold on brings', async () => {
    const predictions = await writeCsv(folder, 'flag-p.csv', { customer: customers, risk });
    const outcomes = await writeCsv(folder, 'flag-o.csv', { customer: customers, left });
    const flaggedBy = async (...flag: string[]) =>
      (await evaluate(predictions, outcomes, ...flag)).json<DetailedEvaluationReport>().flagged;
    const top = await flaggedBy('--top', '0.25');
    assert.deepEqual([top.rows, top.threshold, top.rule], [100, 0.75, { top: 0.25 }]);
    const above = risk.map((value) => value >= 0.9);
    const from = await flaggedBy('--threshold', '0.9');
    assert.equal(from.true_positives, left.filter((label, i) => above[i] && label === 1).length);
    assert.equal(from.rows, above.filter(Boolean).length);
    assert.equal((await flaggedBy()).rows, 40, 'a tenth by default');
    for (const wrong of [
      ['--top', '0.1', '--threshold', '0.5'],
      ['--top', '0'],
      ['--threshold', 'high'],
    ]) {
      assert.equal((await evaluate(predictions, outcomes, ...wrong)).code, 64, wrong.join(' '));
    }
  });

  it('one class has no ranking: null with the reason, and exit code 3', async () => {
    const predictions = await writeCsv(folder, 'p.csv', { customer: customers, risk });
    const outcomes = await writeCsv(folder, 'o.csv', { customer: customers, left: left.map(() => 0) });
    const found = await evaluate(predictions, outcomes);
    assert.equal(found.code, 3);
    const report = found.json<EvaluationReport>();
    assert.deepEqual([report.pr_auc, report.roc_auc, report.state], [null, null, 'insufficient_data']);
    assert.match(report.reasons.pr_auc ?? '', /no positive rows/);
    assert.equal(typeof report.log_loss, 'number');
  });

  it('refuses outcomes and scores that are none, ids that come twice and columns that are missing', async () => {
    const good = await writeCsv(folder, 'p.csv', { customer: customers, risk });
    const outcomes = await writeCsv(folder, 'o.csv', { customer: customers, left });
    const file = (name: string, columns: Parameters<typeof writeCsv>[2]) => writeCsv(folder, name, columns);
    const cases: [RegExp, string, string][] = [
      [
        /0 or 1 in "left"; got 0.4/,
        good,
        await file('half.csv', { customer: customers, left: left.map(() => 0.4) }),
      ],
      [
        /probabilities from 0 to 1 in "risk"/,
        await file('big.csv', { customer: customers, risk: risk.map(() => 7) }),
        outcomes,
      ],
      [
        /one outcome per "customer"/,
        good,
        await file('twice.csv', { customer: customers.map(() => 'c1'), left }),
      ],
      [/"left" in/, good, await file('other.csv', { customer: customers, gone: left })],
    ];
    for (const [message, predictions, happened] of cases) {
      const found = await evaluate(predictions, happened);
      assert.equal(found.code, 65, found.err);
      assert.match(found.err, message);
    }
    assert.equal((await call(folder, ['evaluate', '--predictions', good])).code, 64);
  });
});
