import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { promote } from '../../src/jobs/promote.js';
import { scoreDay } from '../../src/jobs/score.js';
import { trainVersion } from '../../src/jobs/train.js';
import { probabilityOf } from '../../src/model/calibrate.js';
import { contributionsByFeature } from '../../src/model/encode.js';
import { readMatrix } from '../../src/model/matrix.js';
import { readModel } from '../../src/model/onnx/read.js';
import type { Manifest } from '../../src/model/registry/manifest.js';
import { openScorer } from '../../src/model/score.js';
import { contributions } from '../../src/model/tree/form.js';
import { forestMargins } from '../../src/model/tree/walk.js';
import type { Project } from '../../src/open.js';
import { addDays } from '../../src/time.js';
import { call, cleanUp, copyOf, preparedProject, QUICK, STORY } from './project.js';

const COLUMNS = [
  ...['user_id', 'as_of_date', 'plan', 'is_paid', 'country', 'marketing_source'],
  ...['days_since_signup', 'days_since_last_activity', 'churn_risk', 'risk_rank', 'model_version'],
  ...[
    'top_feature_1',
    'top_contribution_1',
    'top_feature_2',
    'top_contribution_2',
    'top_feature_3',
    'top_contribution_3',
  ],
];

type Row = Record<string, string | number | null>;

describe('batch scores', () => {
  let project: Project;
  let manifest: Manifest;

  before(async () => {
    project = await preparedProject();
    manifest = await trainVersion(project, { at: STORY.trained });
    await promote(project, { version: manifest.version, force: false, at: STORY.trained });
  });
  after(cleanUp);

  const scored = async (on: Project, day: string = STORY.scored) => {
    const result = await scoreDay(on, { date: day, at: null, version: 'champion' });
    const engine = await on.engine();
    const table = readTable(engine, result.path);
    const columns = (await engine.describe(sql`SELECT * FROM ${table}`)).map(({ name }) => name);
    return { result, columns, rows: await engine.rows<Row>(sql`SELECT * FROM ${table}`) };
  };

  it("have the contract's columns, every user of the day, highest risk first", async () => {
    const { result, columns, rows } = await scored(project);
    assert.deepEqual(columns, COLUMNS);
    assert.match(result.path, /data\/predictions\/churn_predictions_2025-08-16\.parquet$/);
    const engine = await project.engine();
    const [{ users }] = await engine.rows<{ users: number }>(
      sql`SELECT count(DISTINCT user_id) AS users FROM ${readTable(engine, project.layout.userFeaturesDaily)}`,
    );
    assert.equal(rows.length, users);
    assert.equal(new Set(rows.map((row) => row.user_id)).size, users);
    assert.deepEqual([result.rows, result.version], [users, manifest.version]);
    rows.forEach((row, i) => {
      assert.equal(row.risk_rank, i + 1);
      assert.equal(row.model_version, manifest.version);
      assert.equal(row.as_of_date, STORY.scored);
      assert.ok(i === 0 || (rows[i - 1].churn_risk as number) >= (row.churn_risk as number));
      assert.ok((row.churn_risk as number) >= 0 && (row.churn_risk as number) <= 1);
    });
    const mean = rows.reduce((sum, row) => sum + (row.churn_risk as number), 0) / users;
    assert.ok(Math.abs(result.mean_risk - mean) < 1e-9);
  });

  it("equal the tree walker's on the same rows, with the three features that moved each most", async () => {
    const { rows } = await scored(project);
    const { form, calibration, encoding } = readModel(
      await readFile(await project.registry.modelPath(manifest)),
    );
    assert.ok(form.kind === 'trees');
    const engine = await project.engine();
    const features = readTable(engine, project.layout.userFeaturesDaily);
    const relation = sql`(SELECT *, 0 AS churn_label FROM ${features} WHERE as_of_date = CAST(${STORY.scored} AS DATE))`;
    const matrix = await readMatrix(engine, relation, encoding.features);
    const margins = forestMargins(form.forest, matrix.values, matrix.rows);
    const byUser = rows.toSorted((a, b) => (a.user_id as number) - (b.user_id as number));
    const byColumn = new Float64Array(encoding.columns.length);
    byUser.forEach((row, i) => {
      const expected = probabilityOf(margins[i], calibration);
      assert.ok(Math.abs((row.churn_risk as number) - expected) <= 1e-6, `user ${row.user_id}`);
      contributions(form, matrix.values, i, byColumn);
      const top = [...contributionsByFeature(encoding, byColumn)]
        .map((value, feature) => ({ feature: encoding.features[feature].name, value }))
        .toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value));
      for (const place of [1, 2, 3]) {
        assert.equal(row[`top_feature_${place}`], top[place - 1].feature);
        assert.ok(Math.abs((row[`top_contribution_${place}`] as number) - top[place - 1].value) < 1e-9);
      }
    });
  });

  it('draw the configured hold-out whatever the risk, the same users on every day', async () => {
    const copy = await copyOf(project, { ...QUICK, evaluation: { hold_out: { share: 0.25 } } });
    const { result, columns, rows } = await scored(copy);
    assert.deepEqual(columns, [...COLUMNS, 'hold_out']);
    const held = rows.filter((row) => row.hold_out === 1);
    assert.ok(rows.every(({ hold_out }) => hold_out === 0 || hold_out === 1));
    assert.equal(result.held_out, held.length);
    assert.ok(Math.abs(held.length - 0.25 * rows.length) < 4 * Math.sqrt(0.1875 * rows.length));
    // The mean rank of a random choice: within four standard errors of the middle.
    const rank = held.reduce((sum, row) => sum + (row.risk_rank as number), 0) / held.length;
    const error = rows.length / Math.sqrt(12 * held.length);
    assert.ok(Math.abs(rank - (rows.length + 1) / 2) < 4 * error, `mean rank ${rank}`);
    const plain = await scored(project);
    assert.equal(plain.result.held_out, null);
    assert.deepEqual(
      rows.map(({ hold_out, ...row }) => row),
      plain.rows,
    );
    const ids = (of: Row[]) => of.filter((row) => row.hold_out === 1).map((row) => row.user_id as number);
    const before = await scored(copy, addDays(STORY.scored, -9));
    const known = new Set(before.rows.map((row) => row.user_id));
    assert.deepEqual(new Set(ids(before.rows)), new Set(ids(rows).filter((id) => known.has(id))));
    const { out } = await call(copy.root, ['score', '--date', STORY.scored]);
    assert.match(out, new RegExp(`${held.length} are in the random hold-out .*do not treat them`));
  });

  it('a scorer repeats the golden rows, and refuses to work when they come out otherwise', async () => {
    const copy = await copyOf(project);
    await (await openScorer(copy.registry, manifest)).close();
    const golden = await copy.registry.golden(manifest);
    assert.ok(golden.rows.length >= 10);
    assert.ok(
      golden.rows.flat().some((cell) => cell === null),
      'no nulls among the golden rows',
    );
    golden.probabilities[3] += 1e-4;
    const lying = { ...copy.registry, golden: async () => golden };
    await assert.rejects(openScorer(lying, manifest), { code: 'model.mismatch', message: /golden row 3/ });
  });

  it('counts nulls and values that the model has never seen, and scores them', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const path = copy.layout.userFeaturesDaily;
    await engine.write(
      sql`SELECT * REPLACE (CASE WHEN user_id % 10 = 1 THEN 'premium' ELSE plan END AS plan,
        CASE WHEN user_id % 10 = 2 THEN NULL ELSE country END AS country) FROM ${readTable(engine, path)}`,
      path,
      'parquet',
    );
    const { result, rows } = await scored(copy);
    const ending = (digit: number) => rows.filter((row) => (row.user_id as number) % 10 === digit).length;
    assert.deepEqual(result.unseen, { plan: ending(1) });
    assert.equal(result.nulls.country, ending(2));
    assert.ok(rows.every((row) => Number.isFinite(row.churn_risk)));
  });

  it('refuses features that the version needs and the table lacks', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const path = copy.layout.userFeaturesDaily;
    await engine.write(
      sql`SELECT * EXCLUDE (logins_7d, plan) FROM ${readTable(engine, path)}`,
      path,
      'parquet',
    );
    await assert.rejects(scored(copy), { code: 'model.mismatch', message: /without plan, logins_7d/ });
  });

  it('keeps ids as they are: emoji, whole numbers beyond 2^53', async () => {
    const copy = await copyOf(project);
    const engine = await copy.engine();
    const path = copy.layout.userFeaturesDaily;
    const original = sql`(SELECT * FROM ${readTable(engine, path)} WHERE as_of_date = CAST(${STORY.scored} AS DATE) AND user_id <= 100)`;
    const text = `${path}.text.parquet`;
    await engine.write(
      sql`SELECT * REPLACE ('kunde 🙂 "' || user_id AS user_id) FROM ${original}`,
      text,
      'parquet',
    );
    const big = `${path}.big.parquet`;
    await engine.write(
      sql`SELECT * REPLACE (CAST(9007199254740992 AS BIGINT) + user_id AS user_id) FROM ${original}`,
      big,
      'parquet',
    );
    for (const [file, id] of [
      [text, 'kunde 🙂 "7'],
      [big, '9007199254740999'],
    ]) {
      await engine.write(sql`SELECT * FROM ${readTable(engine, file)}`, path, 'parquet');
      const { result } = await scored(copy);
      const [{ found, ids }] = await engine.rows<{ found: number; ids: number }>(
        sql`SELECT count(*) FILTER (WHERE CAST(user_id AS VARCHAR) = ${id}) AS found, count(DISTINCT user_id) AS ids FROM ${readTable(engine, result.path)}`,
      );
      assert.deepEqual([found, ids], [1, 100], id);
    }
  });

  it('are CSV when configured', async () => {
    const copy = await copyOf(project, { ...QUICK, format: 'csv' });
    const engine = await copy.engine();
    const features = readTable(engine, project.layout.userFeaturesDaily);
    await engine.write(
      sql`SELECT * FROM ${features} WHERE as_of_date = CAST(${STORY.scored} AS DATE)`,
      copy.layout.userFeaturesDaily,
      'csv',
    );
    const parquet = await scored(project);
    const { result } = await scored(copy);
    assert.match(result.path, /\.csv$/);
    const [head, first] = (await readFile(result.path, 'utf8')).split('\n');
    assert.equal(head, COLUMNS.join(','));
    assert.equal(first.split(',')[0], String(parquet.rows[0].user_id));
  });

  it('refuse a day without features', async () => {
    await assert.rejects(scored(project, '2026-01-01'), { code: 'data.stale' });
    await assert.rejects(scored(project, '2024-01-01'), { code: 'usage.invalid', exitCode: 64 });
  });

  it('refuse a model that was changed', async () => {
    const copy = await copyOf(project);
    const path = `${copy.registry.folder(manifest.version)}/model.onnx`;
    await writeFile(path, (await readFile(path)).subarray(0, -1));
    await assert.rejects(scored(copy), { code: 'model.mismatch', exitCode: 65 });
  });
});
