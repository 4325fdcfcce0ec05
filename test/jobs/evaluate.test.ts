import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { raw, sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { ESTIMATE_FILE, type EstimateReport, estimatePredictions } from '../../src/jobs/estimate.js';
import type { TablesEstimate } from '../../src/jobs/estimate-tables.js';
import { EVALUATION_FILE, evaluatePredictions } from '../../src/jobs/evaluate.js';
import { SLICES_FILE, type SlicesReport } from '../../src/jobs/evaluate-slices.js';
import { refreshData } from '../../src/jobs/run-steps.js';
import { scoreDay } from '../../src/jobs/score.js';
import { averagePrecision } from '../../src/monitor/performance/average-precision.js';
import type { EstimateOutcome } from '../../src/monitor/performance/estimate-record.js';
import type { MaturityPoint } from '../../src/monitor/performance/maturity.js';
import type { DetailedEvaluationReport, EvaluationReport } from '../../src/monitor/performance/report.js';
import { rocAuc } from '../../src/monitor/performance/roc-auc.js';
import type { Project } from '../../src/open.js';
import { random } from '../../src/random.js';
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

  it('while late outcomes may come, figures are provisional and no evidence', async () => {
    const patient = await copyOf(project, { ...QUICK, evaluation: { lateness_days: 3, draws: 300 } });
    const report = await evaluatePredictions(patient, { at: MATURE, date: STORY.scored });
    const final = await evaluatePredictions(project, { at: MATURE, date: STORY.scored });
    assert.deepEqual([report.state, report.pr_auc, report.sample_size], ['insufficient_data', null, 0]);
    assert.equal(report.provisional?.pr_auc, final.pr_auc);
    assert.match(report.provisional?.because ?? '', new RegExp(`may come until ${addDays(MATURE, 3)}`));
    assert.equal(final.provisional, null);
    const { out } = await call(patient.root, ['evaluate', '--at', MATURE, '--date', STORY.scored]);
    assert.match(out, /provisional: pr_auc 0\.\d+/);
  });

  it('tells how soon outcomes became known: who stayed by acting, who churned by the horizon only', async () => {
    const early = await evaluatePredictions(project, { at: addDays(STORY.scored, 10), date: STORY.scored });
    assert.equal(early.maturity?.at(-1)?.day, 10);
    const final = await evaluatePredictions(project, { at: MATURE, date: STORY.scored });
    const known = (report: typeof final, day: number) =>
      report.maturity?.find((point) => point.day === day)?.known;
    assert.equal(known(early, 10), known(final, 10), 'the past is told alike');
    const curve = final.maturity ?? [];
    assert.ok(curve.every((point, i) => i === 0 || point.known >= curve[i - 1].known));
    assert.equal(curve.at(-1)?.known, 1);
    const last = curve.at(-2) as MaturityPoint;
    assert.ok(last.day < 30 && last.known < 1, 'the churned are known on the last day');
  });

  it('takes outcomes from a table as they were known, corrections included', async () => {
    const config = { ...QUICK, evaluation: { draws: 300, outcomes: { files: 'data/raw/outcomes.parquet' } } };
    const copy = await copyOf(project, config);
    const engine = await copy.engine();
    const labels = readTable(engine, copy.layout.labelsDaily);
    const told = (churned: string, arrived: string, where: string) =>
      `SELECT user_id, as_of_date, ${churned} AS churned, TIMESTAMP '${arrived}' AS arrived_at FROM told WHERE ${where}`;
    const rows = sql`WITH told AS (SELECT * FROM ${labels} WHERE as_of_date = CAST(${STORY.scored} AS DATE))
      ${raw([told('churn_label', `${MATURE} 10:00:00`, 'user_id % 10 <> 0'), told('1 - churn_label', `${addDays(MATURE, 7)} 10:00:00`, 'churn_label = 1 AND user_id % 10 = 1')].join(' UNION ALL '))}`;
    await engine.write(rows, `${copy.root}/data/raw/outcomes.parquet`, 'parquet');
    const derived = await evaluatePredictions(project, { at: MATURE, date: STORY.scored });
    const first = await evaluatePredictions(copy, { at: MATURE, date: STORY.scored });
    assert.ok(first.counts.unmatched > 0, 'users who were not told of are none who stayed');
    assert.equal(first.counts.matched + first.counts.unmatched, derived.counts.matched);
    const later = await evaluatePredictions(copy, { at: addDays(MATURE, 7), date: STORY.scored });
    assert.ok(later.positives < first.positives);
    assert.deepEqual(
      await evaluatePredictions(copy, { at: MATURE, date: STORY.scored }),
      first,
      'repeatable',
    );
    const kept = await copy.history.reports<EvaluationReport>({ kind: 'evaluation' });
    assert.deepEqual(
      kept.slice(0, 2).map(({ body }) => body.positives),
      [later.positives, first.positives],
      'the history shows both',
    );
  });

  it('measures the hold-out that score drew, without being told of anything else', async () => {
    const hold_out = { share: 0.3 };
    const copy = await copyOf(project, { ...QUICK, evaluation: { draws: 300, hold_out } });
    await scoreDay(copy, { date: STORY.scored, at: null, version: 'champion' });
    const { treatment, sample_size } = await evaluatePredictions(copy, { at: MATURE, date: STORY.scored });
    assert.ok(treatment !== null && treatment.hold_out !== null && treatment.rest !== null);
    assert.equal(treatment.hold_out.rows + treatment.rest.rows, sample_size);
    const engine = await copy.engine();
    const { predictions, labelsDaily, userFeaturesDaily } = copy.layout;
    const [expected] = await engine.rows<{ rows: number; positives: number }>(sql`
      SELECT count(*) AS rows, CAST(sum(churn_label) AS DOUBLE) AS positives FROM ${readTable(engine, predictions(STORY.scored))} AS p
      JOIN ${readTable(engine, labelsDaily)} AS l USING (user_id, as_of_date)
      JOIN (SELECT user_id, as_of_date FROM ${readTable(engine, userFeaturesDaily)} WHERE active_days_30d > 0) AS f USING (user_id, as_of_date)
      WHERE p.hold_out = 1`);
    assert.deepEqual(
      [treatment.hold_out.rows, treatment.hold_out.positives],
      [expected.rows, expected.positives],
    );
    assert.equal(treatment.warning, null);
    const { out } = await call(copy.root, ['evaluate', '--at', MATURE, '--date', STORY.scored]);
    assert.match(out, /random hold-out .*\n.*all but the hold-out/);
    const plain = await evaluatePredictions(project, { at: MATURE, date: STORY.scored });
    assert.equal(plain.treatment, null);
  });

  it('over time and by segment: all matured days, against the held-out record', async () => {
    const copy = await copyOf(project);
    const dates = [0, 9, 18].map((days) => addDays(STORY.scored, days));
    await refreshData(copy, { at: STORY.last });
    for (const date of [...dates.slice(1), STORY.noticed]) {
      await scoreDay(copy, { date, at: null, version: 'champion' });
    }
    const at = addDays(dates[2], 30);
    const args = ['evaluate', '--by', 'day', '--segment', 'plan,country', '--at', at];
    const found = await call(copy.root, [...args, '--json']);
    assert.equal(found.code, 0, found.err);
    const report = found.json<SlicesReport>();
    assert.deepEqual(
      report.periods.map(({ name }) => name),
      dates,
      'without the day that has not matured',
    );
    const champion = await copy.registry.champion();
    assert.equal(report.record?.version, champion?.version);
    for (const [i, period] of report.periods.entries()) {
      const alone = await evaluatePredictions(copy, { at, date: dates[i] });
      assert.equal(period.measures.pr_auc.value, alone.pr_auc);
      assert.equal(
        period.change?.roc_auc?.difference,
        (alone.roc_auc as number) - (champion?.measures.roc_auc.value as number),
      );
    }
    assert.equal(
      report.segments.filter(({ column }) => column === 'plan').reduce((sum, { rows }) => sum + rows, 0),
      report.rows,
    );
    assert.deepEqual(await readReport(copy, SLICES_FILE), report as object);
    const text = await call(copy.root, ['evaluate', '--by', 'month', '--segment', 'auto', '--at', at]);
    assert.match(text.out, /2025-08 .*█/);
    assert.match(text.out, /plan = free/);
    assert.equal((await call(copy.root, ['evaluate', '--segment', 'height'])).code, 65);
    assert.equal((await call(copy.root, ['evaluate', '--by', 'hour'])).code, 64);
    const none = await call(copy.root, ['evaluate', '--by', 'day', '--at', STORY.scored]);
    assert.equal(none.code, 3, 'nothing has matured');
    const reports = await copy.history.reports({ kind: 'evaluation', limit: 1 });
    assert.ok(!('periods' in (reports[0].body as object)), 'no rule acts on it');
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

  describe('outcomes with times', () => {
    const scored = customers.map((_, i) => `2025-09-${String(1 + (i % 20)).padStart(2, '0')}`);
    const happened = customers.map((_, i) => addDays(scored[i], 5 + (i % 10)));
    /** Everybody is told of ten days after it happened; every third of those who left is corrected in November. */
    const told = customers.flatMap((customer, i) => {
      const first = {
        customer,
        left: left[i],
        happened: happened[i],
        told: `${addDays(happened[i], 10)} 12:00:00`,
      };
      return left[i] === 1 && i % 3 === 0
        ? [first, { ...first, left: 0, told: '2025-11-15 08:00:00' }]
        : [first];
    });
    const asOf = async (at: string, rows = told, ...more: string[]) => {
      const cells = (name: keyof (typeof told)[number]) => rows.map((row) => row[name]);
      const predictions = await writeCsv(folder, 'timed-p.csv', { customer: customers, risk, scored });
      const outcomes = await writeCsv(folder, 'timed-o.csv', {
        customer: cells('customer'),
        left: cells('left'),
        happened: cells('happened'),
        told: cells('told'),
      });
      const times = [
        '--predicted',
        'scored',
        '--happened',
        'happened',
        '--arrived',
        'told',
        '--horizon',
        '30',
      ];
      const found = await evaluate(predictions, outcomes, ...times, '--at', at, ...more);
      return { ...found.json<DetailedEvaluationReport>(), code: found.code };
    };

    it('judges only predictions whose horizon is over, and says when the others will be', async () => {
      const none = await asOf('2025-09-25');
      assert.deepEqual([none.code, none.state, none.matures_on], [3, 'insufficient_data', '2025-10-20']);
      assert.equal(none.counts.immature, 400, 'also those whose outcome has come: only some come early');
      const some = await asOf('2025-10-10');
      assert.equal(some.counts.matched, scored.filter((day) => addDays(day, 30) <= '2025-10-10').length);
      const waiting = await asOf('2025-10-10', told, '--lateness', '5');
      assert.equal(waiting.counts.matched, scored.filter((day) => addDays(day, 35) <= '2025-10-10').length);
    });

    it('as known on a day: what arrives later changes later evaluations only', async () => {
      const corrected = told.length - customers.length;
      assert.ok(corrected > 5);
      const before = await asOf('2025-11-01');
      const after = await asOf('2025-11-30');
      assert.equal(before.positives, left.filter((label) => label === 1).length);
      assert.equal(after.positives, before.positives - corrected);
      const again = await asOf(
        '2025-11-01',
        told.filter((row) => row.told < '2025-11-01'),
      );
      assert.deepEqual(before, again, 'as if the rows of later had never come');
      assert.deepEqual(before, await asOf('2025-11-01', [...told].reverse()), 'the order of rows is nothing');
    });

    it('churn after the horizon is none, churn before the prediction is left out', async () => {
      const early = told.map((row, i) =>
        i === told.findIndex((r) => r.left === 1) ? { ...row, happened: '2025-08-01' } : row,
      );
      const { counts, warnings } = await asOf('2025-11-01', early);
      assert.equal(counts.excluded, 1);
      assert.match(warnings[0], /1 users had churned on or before the day of their prediction/);
      const late = told.map((row) => ({ ...row, happened: row.left === 1 ? '2025-10-30' : row.happened }));
      const all = await asOf('2025-12-30', late);
      assert.equal(all.positives, 0);
      assert.match(all.warnings[0], /outcomes happened after they were known/);
    });

    it('tells how soon outcomes come', async () => {
      const { maturity } = await asOf('2025-11-01');
      const known = (day: number) => maturity?.find((point) => point.day === day)?.known;
      assert.deepEqual([known(0), known(14), known(24)], [0, 0, 1]);
      assert.equal(known(19), 0.5, 'half after 15 to 19 days');
    });

    it('a horizon without times is refused', async () => {
      const predictions = await writeCsv(folder, 'np.csv', { customer: customers, risk });
      const outcomes = await writeCsv(folder, 'no.csv', { customer: customers, left });
      assert.equal((await evaluate(predictions, outcomes, '--horizon', '30')).code, 64);
    });

    it('measures the treated and the hold-out apart', async () => {
      const predictions = await writeCsv(folder, 'tp.csv', { customer: customers, risk });
      const offered = customers.map((_, i) => i % 2);
      const drawn = customers.map((_, i) => (i % 4 === 0 ? 1 : 0));
      const outcomes = await writeCsv(folder, 'to.csv', { customer: customers, left, offered, drawn });
      const { json } = await evaluate(predictions, outcomes, '--treated', 'offered', '--hold-out', 'drawn');
      const { treatment } = json<DetailedEvaluationReport>();
      assert.deepEqual(
        [treatment?.treated.rows, treatment?.untreated.rows, treatment?.hold_out?.rows],
        [200, 200, 100],
      );
      assert.equal(treatment?.warning, null);
    });
  });

  it('cuts two tables by time and segment', async () => {
    const day = customers.map((_, i) => `2025-${i % 2 === 0 ? '08' : '09'}-10`);
    const plan = customers.map((_, i) => (i % 3 === 0 ? 'paid' : 'free'));
    const predictions = await writeCsv(folder, 'sp.csv', { customer: customers, risk, day, plan });
    const outcomes = await writeCsv(folder, 'so.csv', { customer: customers, left });
    const cut = ['--by', 'month', '--segment', 'auto'];
    const report = (await evaluate(predictions, outcomes, ...cut, '--predicted', 'day')).json<SlicesReport>();
    assert.deepEqual(
      report.periods.map(({ name, rows }) => [name, rows]),
      [
        ['2025-08', 200],
        ['2025-09', 200],
      ],
    );
    assert.deepEqual(new Set(report.segments.map(({ column }) => column)), new Set(['plan']));
    assert.equal((await evaluate(predictions, outcomes, ...cut)).code, 64, '--by needs --predicted');
  });

  it('estimates any table of scores from another with outcomes, by week beside what came', async () => {
    const chance = random('estimate tables');
    const table = (name: string, from: string, known: boolean) => {
      const scores = Array.from({ length: 3_000 }, () => chance.uniform() ** 2);
      const churned = scores.map((score) => (chance.uniform() < 0.7 * score ? 1 : 0));
      const day = scores.map((_, i) => addDays(from, i % 28));
      return writeCsv(folder, name, { scores, churned: known ? churned : churned.map(() => null), day });
    };
    const reference = await table('er.csv', '2025-06-02', true);
    const [judged, waiting] = [
      await table('ej.csv', '2025-07-07', true),
      await table('ew.csv', '2025-07-07', false),
    ];
    const estimate = (predictions: string, ...more: string[]) =>
      call(folder, [
        ...['evaluate', '--estimate', '--reference', reference, '--predictions', predictions],
        ...['--score', 'scores', '--outcome', 'churned', ...more],
      ]);
    const weekly = ['--predicted', 'day', '--by', 'week'];
    const report = (await estimate(judged, ...weekly, '--json')).json<TablesEstimate>();
    assert.deepEqual(
      report.periods.map(({ name }) => name),
      ['2025-07-07', '2025-07-14', '2025-07-21', '2025-07-28'],
    );
    assert.equal(report.reference.windows, 4);
    assert.ok(report.periods.every(({ realised }) => realised?.roc_auc.in_band));
    assert.equal(report.record.roc_auc.estimates, 4);
    const blind = (await estimate(waiting, '--json')).json<TablesEstimate>();
    assert.deepEqual(
      blind.periods.map(({ name, realised }) => [name, realised]),
      [['all', null]],
    );
    assert.match((await estimate(judged, ...weekly)).out, /no concept drift/);
    assert.equal((await estimate(judged, '--by', 'week')).code, 64);
    assert.equal((await estimate(judged, '--predicted', 'no such')).code, 65);
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
