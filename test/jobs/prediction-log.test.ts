import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { join, raw, sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { checkDrift, DRIFT_FILE, type ProjectDriftReport } from '../../src/jobs/drift.js';
import type { EstimateReport } from '../../src/jobs/estimate.js';
import {
  EVALUATION_FILE,
  evaluatePredictions,
  type ProjectEvaluationReport,
} from '../../src/jobs/evaluate.js';
import type { SlicesReport } from '../../src/jobs/evaluate-slices.js';
import { scoreDay } from '../../src/jobs/score.js';
import { encodeInto, encodingOf } from '../../src/model/encode.js';
import { featureColumn } from '../../src/model/matrix.js';
import type { Project } from '../../src/open.js';
import type { LoggedPrediction } from '../../src/serve/parts.js';
import { openPredictionLog } from '../../src/serve/prediction-log/log.js';
import { projectLog } from '../../src/serve/prediction-log/relation.js';
import { addDays, type Day } from '../../src/time.js';
import { call, championProject, cleanUp, copyOf, QUICK, readReport, STORY } from './project.js';

const MATURE = addDays(STORY.scored, 30);

type Change = (prediction: LoggedPrediction) => LoggedPrediction;

/** Logs the users at risk on some days as the server would; `change` has the last word. */
async function serve(project: Project, from: Day, to: Day, change: Change = (one) => one): Promise<number> {
  const champion = await project.registry.find('champion');
  const encoding = encodingOf(champion.features);
  const width = encoding.columns.length;
  const engine = await project.engine();
  const log = openPredictionLog({
    folder: projectLog(project).folder,
    flushMilliseconds: 1e6,
    flushRows: 1e9,
    maxBuffered: 1e9,
  });
  const query = sql`SELECT ${join(champion.features.map(featureColumn))}, CAST(user_id AS DOUBLE) AS id,
      ${engine.dialect.dayNumber(sql`as_of_date`)} AS day
    FROM ${readTable(engine, project.layout.userFeaturesDaily)}
    WHERE as_of_date >= CAST(${from} AS DATE) AND as_of_date < CAST(${to} AS DATE) AND ${raw('active_days_30d > 0')}`;
  for await (const { columns, rows } of engine.columns(query)) {
    const values = new Float32Array(rows * width);
    encodeInto(encoding, columns.slice(0, champion.features.length), rows, values, 0);
    const [ids, days] = columns.slice(-2) as Float64Array[];
    for (let i = 0; i < rows; i++) {
      const row = values.slice(i * width, (i + 1) * width);
      const time = Number(days[i]) * 86_400_000 + 3_600_000 + i;
      const facts = { requestId: `r${i}`, snapshotDate: null, arm: 'champion', probability: 0.5 };
      log.append(change({ ...facts, time, userId: ids[i], version: champion.version, row }), encoding);
    }
  }
  await log.close();
  assert.equal(log.stats().failing, null);
  return log.stats().written;
}

describe('drift of what was served', () => {
  let project: Project;
  let rows: number;

  before(async () => {
    project = await championProject();
    rows = await serve(project, addDays(STORY.quiet, -6), addDays(STORY.quiet, 1));
  });
  after(cleanUp);

  it('equals the drift of the features when all users were asked about', async () => {
    const features = await checkDrift(project, { at: STORY.quiet, refresh: false });
    assert.deepEqual([features.source, features.served], ['features', undefined]);
    const { code, json } = await call(project.root, ['drift', '--log', '--at', STORY.quiet, '--json']);
    const served = json<ProjectDriftReport>();
    assert.equal(code, 0);
    assert.deepEqual(
      [served.source, served.status, served.rows.current, served.served],
      ['prediction_log', 'OK', rows, { logged: rows, other_encoding: 0 }],
    );
    assert.deepEqual(served.rows, features.rows);
    assert.deepEqual(served.psi_by_feature, features.psi_by_feature);
    assert.deepEqual(
      served.features.map(({ p_value, units }) => [p_value, units]),
      features.features.map(({ p_value, units }) => [p_value, units]),
    );
    assert.deepEqual(await readReport(project, DRIFT_FILE), served);
    const [kept] = await project.history.reports<ProjectDriftReport>({ kind: 'drift', limit: 1 });
    assert.deepEqual(kept.body, served);
  });

  it('without any user id rows are independent; with some, others are units of their own', async () => {
    for (const [every, units] of [
      [1, null],
      [2, 'some'],
    ] as const) {
      const copy = await copyOf(project);
      const at = STORY.broken;
      let i = 0;
      await serve(copy, at, addDays(at, 1), (one) => ({
        ...one,
        userId: i++ % every === 0 ? null : one.userId,
      }));
      const found = await checkDrift(copy, { at, refresh: false, log: projectLog(copy) });
      assert.equal(found.features[0].units === null ? null : 'some', units);
      assert.equal(found.rows.current, found.served?.logged);
    }
  });

  it('leaves out versions that are not known here, and says so', async () => {
    const copy = await copyOf(project);
    const others = await serve(copy, STORY.quiet, addDays(STORY.quiet, 1), (one) => ({
      ...one,
      version: 'x',
    }));
    const log = projectLog(copy);
    const found = await checkDrift(copy, { at: STORY.quiet, refresh: false, log });
    assert.deepEqual(found.served, { logged: rows + others, other_encoding: others });
    assert.equal(found.rows.current, rows);
    const shown = await call(copy.root, ['drift', '--log', '--at', STORY.quiet]);
    assert.match(shown.out, /as served, against/);
    assert.match(shown.out, /left out: .* rows by versions that read features otherwise/);
  });

  it('a window without predictions is an error that says which days there are', async () => {
    const found = await call(project.root, ['drift', '--log', '--at', STORY.last]);
    assert.equal(found.code, 65);
    const day = (count: number) => addDays(STORY.quiet, count);
    assert.match(found.err, new RegExp(`days from ${day(-6)} to ${STORY.quiet}`));
    // No features of that day are needed.
    assert.match(
      (await call(project.root, ['drift', '--log', '--at', '2026-05-01'])).err,
      /2026-05-01 in the log/,
    );
  });

  it('is refused where it means nothing', async () => {
    for (const args of [
      ['--compat', 'section-12', '--at', STORY.quiet],
      ['--reference', 'a.csv', '--current', 'b.csv'],
    ]) {
      assert.equal((await call(project.root, ['drift', '--log', ...args])).code, 64);
    }
  });
});

describe('evaluation of what was served', () => {
  let project: Project;

  before(async () => {
    project = await championProject();
    await scoreDay(project, { date: STORY.scored, at: null, version: 'champion' });
    const engine = await project.engine();
    const risks = new Map(
      (
        await engine.rows<{ user: number; risk: number }>(
          sql`SELECT user_id AS "user", churn_risk AS risk FROM ${readTable(engine, project.layout.predictions(STORY.scored))}`,
        )
      ).map(({ user, risk }) => [user, risk]),
    );
    const known: Change = (one) => ({ ...one, probability: risks.get(one.userId as number) as number });
    const next = addDays(STORY.scored, 1);
    await serve(project, STORY.scored, next, (one) => ({
      ...known(one),
      time: one.time - 1000,
      probability: 0.1,
    }));
    await serve(project, STORY.scored, next, (one) => known(one));
    await serve(project, STORY.scored, next, (one) => ({ ...known(one), userId: null }));
  });
  after(cleanUp);

  it('judges the last prediction of each user, as the file of predictions is judged', async () => {
    const file = await evaluatePredictions(project, { at: MATURE, date: null });
    assert.deepEqual([file.source, file.served], ['predictions_file', undefined]);
    const found = await call(project.root, ['evaluate', '--log', '--at', MATURE, '--json']);
    const served = found.json<ProjectEvaluationReport>();
    assert.equal(found.code, 0);
    assert.equal(served.source, 'prediction_log');
    for (const field of [
      'pr_auc',
      'roc_auc',
      'log_loss',
      'sample_size',
      'version',
      'prediction_date',
    ] as const) {
      assert.equal(served[field], file[field], field);
    }
    assert.deepEqual(served.intervals, file.intervals);
    const users = served.counts.matched;
    assert.deepEqual(served.counts, { matched: users, immature: 0, unmatched: 0, excluded: 0 });
    assert.deepEqual(served.served, { logged: 3 * users, without_user: users, superseded: users });
    assert.deepEqual(await readReport(project, EVALUATION_FILE), served);
    const [kept] = await project.history.reports({ kind: 'evaluation', limit: 1 });
    assert.deepEqual(kept.body, served);
    const shown = await call(project.root, ['evaluate', '--log', '--at', MATURE]);
    assert.match(shown.out, /without a user id, .* superseded/);
  });

  it('knows who of the served was drawn into the hold-out, as the file of predictions does', async () => {
    const copy = await copyOf(project, { ...QUICK, evaluation: { draws: 300, hold_out: { share: 0.3 } } });
    await scoreDay(copy, { date: STORY.scored, at: null, version: 'champion' });
    const file = await evaluatePredictions(copy, { at: MATURE, date: STORY.scored });
    const log = projectLog(copy);
    const served = await evaluatePredictions(copy, { at: MATURE, date: STORY.scored, log });
    assert.ok((file.treatment?.hold_out?.rows ?? 0) > 20);
    assert.deepEqual(served.treatment, file.treatment);
  });

  it('estimates and cuts what was served, as it does files', async () => {
    const run = async <T>(...more: string[]) => {
      const found = await call(project.root, ['evaluate', '--at', MATURE, ...more, '--json']);
      assert.equal(found.code, 0, found.err);
      return found.json<T>();
    };
    const served = await run<EstimateReport>('--estimate', '--log');
    const file = await run<EstimateReport>('--estimate');
    assert.equal(served.prediction_date, file.prediction_date);
    assert.ok(served.rows > 0 && served.version === file.version);
    const judged = await run<ProjectEvaluationReport>('--log');
    assert.equal(judged.estimated?.roc_auc.realised, judged.roc_auc, 'held against what came');
    const slices = await run<SlicesReport>('--by', 'day', '--log');
    assert.deepEqual(
      slices.periods.map(({ name, measures }) => [name, measures.roc_auc.value]),
      [[judged.prediction_date, judged.roc_auc]],
    );
  });

  it('waits for the horizon, and names the days of the log when there is nothing', async () => {
    const log = projectLog(project);
    const early = await evaluatePredictions(project, { at: addDays(MATURE, -1), date: null, log });
    assert.deepEqual([early.state, early.matures_on], ['insufficient_data', MATURE]);
    assert.equal(early.counts.immature, early.served!.superseded);
    await assert.rejects(evaluatePredictions(project, { at: MATURE, date: '2025-08-01', log }), {
      code: 'data.empty',
      message: new RegExp(`predictions on 2025-08-01 in the log .*; got days from ${STORY.scored} to`),
    });
    assert.equal((await call(project.root, ['evaluate', '--log', '--predictions', 'x.csv'])).code, 64);
  });

  it('names no version when several predicted, and an empty log is one', async () => {
    const copy = await copyOf(project);
    const next = addDays(STORY.scored, 1);
    const log = projectLog(copy);
    await serve(copy, STORY.scored, next, (one) => ({
      ...one,
      version: 'x',
      userId: `${one.userId}` === '1' ? 1 : -1,
    }));
    assert.equal((await evaluatePredictions(copy, { at: MATURE, date: null, log })).version, null);
    const empty = { ...projectLog(copy), days: async () => [], relation: async () => null };
    await assert.rejects(evaluatePredictions(copy, { at: MATURE, date: null, log: empty }), {
      code: 'data.empty',
      message: /got an empty log; let `churn-mlops serve` answer first/,
    });
  });
});
