import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openDuckDB } from '../../src/data/engine/duckdb.js';
import type { Engine } from '../../src/data/engine/engine.js';
import { raw, sql } from '../../src/data/engine/sql.js';
import {
  featureSpecs,
  labelledDays,
  positivesOf,
  readMatrix,
  rowsWithin,
  selectRows,
  usersOf,
} from '../../src/model/matrix.js';
import { dayNumber } from '../../src/time.js';
import { cleanUp, newFolder } from '../jobs/project.js';

/** Three users over four days; `plan` gets a new value on the last day, and `emoji` ids. */
const ROWS = raw(`(SELECT * FROM (VALUES
  ('🙂', DATE '2025-01-01', 1.5, 'free', true,  1, 0, TIMESTAMP '2025-01-01 10:00:00'),
  ('b',  DATE '2025-01-02', NULL, 'free', false, 2, 1, NULL),
  ('b',  DATE '2025-01-01', 2.5, NULL,   NULL,  3, 0, NULL),
  ('c',  DATE '2025-01-04', 4.5, 'paid', true,  4, 1, NULL),
  ('c',  DATE '2025-01-03', 3.5, 'paid', true,  5, 0, NULL),
  ('c',  DATE '2025-01-05', 3.5, 'new', true,  5, 0, NULL)
) AS rows(user_id, as_of_date, amount, plan, is_paid, days, churn_label, seen_at))`);
const LEARN = { from: '2025-01-01', to: '2025-01-05' };

describe('labelled rows as a matrix', () => {
  let engine: Engine;

  before(async () => {
    engine = await openDuckDB({ memoryLimit: '500MB', threads: 1, spillFolder: await newFolder() });
  });
  after(async () => {
    await engine.close();
    await cleanUp();
  });

  it('takes every column but keys, times and those excluded; categories are those of the days learnt from', async () => {
    assert.deepEqual(await featureSpecs(engine, ROWS, ['days'], LEARN), [
      { name: 'amount', type: 'number' },
      { name: 'plan', type: 'category', categories: ['free', 'paid'] },
      { name: 'is_paid', type: 'number' },
    ]);
  });

  it('reads rows by day and user, nulls as NaN, an unseen category as none of the known', async () => {
    const specs = await featureSpecs(engine, ROWS, ['days'], LEARN);
    const matrix = await readMatrix(engine, ROWS, specs);
    assert.deepEqual(matrix.encoding.columns, ['amount', 'plan=free', 'plan=paid', 'is_paid']);
    const nan = Number.NaN;
    assert.deepEqual(
      [...matrix.values],
      [
        ...[2.5, nan, nan, nan],
        ...[1.5, 1, 0, 1],
        ...[nan, 1, 0, 0],
        ...[3.5, 0, 1, 1],
        ...[4.5, 0, 1, 1],
        ...[3.5, 0, 0, 1],
      ],
    );
    assert.deepEqual([...matrix.labels], [0, 0, 1, 0, 1, 0]);
    assert.deepEqual(
      [...matrix.days].map((day) => day - dayNumber('2025-01-01')),
      [0, 0, 1, 2, 3, 4],
    );
    assert.equal(usersOf(matrix), 3);
    assert.equal(matrix.units[0], matrix.units[2]);
    assert.equal(positivesOf(matrix), 2);
  });

  it('cuts out windows without the day after', async () => {
    const matrix = await readMatrix(engine, ROWS, [{ name: 'days', type: 'number' }]);
    assert.deepEqual([...rowsWithin(matrix, { from: '2025-01-02', to: '2025-01-04' }).values], [2, 5]);
    assert.deepEqual([...selectRows(matrix, (row) => row === 4).labels], [1]);
  });

  it('tells the days, and says so when there are none', async () => {
    assert.deepEqual(await labelledDays(engine, ROWS), { from: '2025-01-01', to: '2025-01-06' });
    await assert.rejects(labelledDays(engine, sql`(SELECT * FROM ${ROWS} WHERE FALSE)`), {
      code: 'data.insufficient',
      exitCode: 3,
    });
  });

  it('refuses an infinity by the name of its feature', async () => {
    const rows = raw(
      `(SELECT * REPLACE (CAST('Infinity' AS DOUBLE) AS amount) FROM ${"(SELECT 1.0 AS amount, 1 AS user_id, DATE '2025-01-01' AS as_of_date, 0 AS churn_label)"})`,
    );
    await assert.rejects(readMatrix(engine, rows, [{ name: 'amount', type: 'number' }]), {
      code: 'data.invalid',
      message: /feature "amount"/,
    });
  });
});
