import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { countedColumns, requireKinds } from '../../../src/data/count/columns.js';
import { countProfile, countProfiles } from '../../../src/data/count/count-profile.js';
import { countReference } from '../../../src/data/count/count-reference.js';
import { narrowColumns } from '../../../src/data/count/narrow-columns.js';
import { COLUMNS_AT_A_TIME } from '../../../src/data/count/parts.js';
import { planBins } from '../../../src/data/count/plan-bins.js';
import type { Engine } from '../../../src/data/engine/engine.js';
import { identifier, join as joined, raw, sql } from '../../../src/data/engine/sql.js';
import type { ChurnError } from '../../../src/error.js';
import { categoricalBins, numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../../src/monitor/profile/count.js';
import { mergeTables } from '../../../src/monitor/profile/merge.js';
import type { Bins, ColumnProfile } from '../../../src/monitor/profile/profile.js';
import { openTestEngine } from '../project.js';
import { loadTable, type RandomTable, randomTable } from './random-table.js';

let engine: Engine;
before(async () => {
  engine = await openTestEngine(join(tmpdir(), `churn-spill-${process.pid}`));
});
after(() => engine.close());

const groupsOf = (units: string[]) =>
  Uint8Array.from(units, (unit) => createHash('md5').update(unit).digest()[0] % 64);

/** Bins from another table than is counted, so that values fall outside, between and among the unseen. */
function binsOf(reference: RandomTable): Map<string, Bins> {
  return new Map<string, Bins>([
    ...Object.entries(reference.numbers).map(([name, values]) => [name, numericBins(values)] as const),
    ...Object.entries(reference.texts).map(
      ([name, values]) =>
        [
          name,
          categoricalBins(
            values.flatMap((value) => (value === null ? [] : [[value, 1] as [string, number]])),
            8,
          ),
        ] as const,
    ),
  ]);
}

/** Exact but for the sums, which every counter adds up in an order of its own. */
function assertSameProfile(found: ColumnProfile, expected: ColumnProfile): void {
  const { moments: ours, ...counts } = found;
  const { moments: theirs, ...expectedCounts } = expected;
  assert.deepEqual(counts, expectedCounts, found.name);
  assert.equal(ours === null, theirs === null);
  if (ours && theirs) {
    const { sum, sum_squares, ...rest } = ours;
    const { sum: expectedSum, sum_squares: expectedSquares, ...expectedRest } = theirs;
    assert.deepEqual(rest, expectedRest, found.name);
    assertClose(sum, expectedSum, Math.sqrt(expectedSquares * ours.finite), `sum of ${found.name}`);
    assertClose(sum_squares, expectedSquares, expectedSquares, `sum of squares of ${found.name}`);
  }
}

function assertClose(found: number, expected: number, size: number, what: string): void {
  assert.ok(
    Object.is(found, expected) || Math.abs(found - expected) <= 1e-12 * Math.max(size, 1),
    `${what}: expected ${expected}, got ${found}`,
  );
}

describe('countProfile counts what profileOfValues defines', () => {
  for (const [seed, rows] of [
    [1, 3000],
    [2, 500],
    [3, 60],
    [4, 5],
    [5, 1],
    [6, 0],
  ]) {
    for (const unit of ['unit', null]) {
      it(`${rows} rows, ${unit ?? 'no'} unit`, async () => {
        const reference = randomTable(seed + 100, 800);
        const table = randomTable(seed, rows);
        const bins = binsOf(reference);
        await loadTable(engine, 'random_table', table);
        const relation = sql`(SELECT * FROM ${identifier('random_table')})`;
        const names = [...Object.keys(table.numbers), ...Object.keys(table.texts)];
        const columns = await countedColumns(engine, relation, names, 'the table');
        const found = await countProfile(engine, { relation, columns, bins, unit, window: null });
        assert.equal(found.rows, rows);
        assert.equal(found.units, unit === null ? null : new Set(table.units).size);
        const groups = unit === null ? undefined : groupsOf(table.units);
        assert.deepEqual(
          found.columns.map(({ name }) => name),
          names,
        );
        for (const profile of found.columns) {
          const values = table.numbers[profile.name] ?? table.texts[profile.name];
          assertSameProfile(
            profile,
            profileOfValues(profile.name, bins.get(profile.name) as Bins, values, groups),
          );
        }
      });
    }
  }

  for (const unit of ['unit', null]) {
    it(`whole numbers near each other and far apart, ${unit ?? 'no'} unit`, async () => {
      const { numbers, units } = randomTable(21, 1500);
      const near = numbers.ties.map((value, i) => (i % 7 === 0 ? Number.NaN : value - 20));
      const far = numbers.ties.map((value) => value * 1000);
      const specs = ['near', 'far', 'empty'].map((name) => ({ name, type: 'BIGINT' as const }));
      await engine.load(
        'whole_numbers',
        [...specs, { name: 'unit', type: 'VARCHAR' }],
        [{ rows: 1500, columns: [near, far, near.map(() => Number.NaN), units] }],
      );
      const relation = sql`(SELECT * FROM whole_numbers)`;
      const columns = await countedColumns(engine, relation, ['near', 'far', 'empty'], 'the table');
      const narrow = await narrowColumns(engine, relation, columns);
      assert.deepEqual(
        narrow.map(({ name }) => name),
        ['near'],
      );
      const bins = new Map<string, Bins>([
        ['near', numericBins(near.subarray(0, 200))],
        ['far', numericBins(far)],
        ['empty', numericBins(near)],
      ]);
      const found = await countProfile(engine, { relation, columns, bins, unit, window: null });
      for (const [i, values] of [near, far, near.map(() => Number.NaN)].entries()) {
        const { name } = columns[i];
        const groups = unit === null ? undefined : groupsOf(units);
        assertSameProfile(
          found.columns[i],
          profileOfValues(name, bins.get(name) as Bins, values as Float64Array, groups),
        );
      }
    });
  }

  it('more columns than are read at a time', async () => {
    const names = Array.from({ length: 2 * COLUMNS_AT_A_TIME + 50 }, (_, i) => `c${i}`);
    const selected = names.map((name, i) =>
      i % 3 === 0
        ? sql`CAST(value % ${(i % 100) + 2} AS STRING) AS ${identifier(name)}`
        : sql`CAST(value % ${(i % 100) + 2} AS DOUBLE) AS ${identifier(name)}`,
    );
    const relation = sql`(SELECT ${joined(selected)} FROM ${engine.dialect.series(raw('1'), raw('300'))} AS numbers)`;
    const columns = await countedColumns(engine, relation, null, 'the table');
    const { profile } = await countReference(engine, { relation, columns, unit: null, window: null }, 1);
    assert.deepEqual([profile.rows, profile.columns.map(({ name }) => name)], [300, names]);
    for (const [i, column] of profile.columns.entries()) {
      const values = Array.from({ length: 300 }, (_, row) => (row + 1) % ((i % 100) + 2));
      const expected =
        i % 3 === 0
          ? profileOfValues(column.name, column.bins, values.map(String))
          : profileOfValues(column.name, column.bins, Float64Array.from(values));
      assertSameProfile(column, expected);
    }
  });

  it('rows without a unit are counted in the first group', async () => {
    await engine.load(
      'no_unit',
      [
        { name: 'x', type: 'DOUBLE' },
        { name: 'unit', type: 'VARCHAR' },
      ],
      [{ rows: 2, columns: [Float64Array.of(1, 2), [null, null]] }],
    );
    const relation = sql`(SELECT * FROM no_unit)`;
    const bins = new Map([['x', numericBins(Float64Array.of(1, 2))]]);
    const columns = await countedColumns(engine, relation, ['x'], 'the table');
    const found = await countProfile(engine, { relation, columns, bins, unit: 'unit', window: null });
    assert.equal(
      found.columns[0].groups?.[0].reduce((sum, count) => sum + count, 0),
      2,
    );
  });
});

describe('countProfiles', () => {
  it('counts by a key as if each part stood alone, and the parts add up', async () => {
    const table = randomTable(11, 2000);
    const bins = binsOf(randomTable(111, 800));
    await loadTable(engine, 'keyed', table);
    const relation = sql`(SELECT * FROM keyed)`;
    const names = [...Object.keys(table.numbers), ...Object.keys(table.texts)];
    const columns = await countedColumns(engine, relation, names, 'the table');
    const request = { relation, columns, bins, unit: 'unit', window: null };
    const parts = await countProfiles(engine, { ...request, by: sql`word` });
    assert.deepEqual(new Set(parts.keys()), new Set(table.texts.word));
    for (const [key, part] of parts) {
      const rows = table.texts.word.flatMap((word, i) => (word === key ? [i] : []));
      assert.equal(part.rows, rows.length);
      assert.equal(part.units, new Set(rows.map((i) => table.units[i])).size);
      const groups = groupsOf(rows.map((i) => table.units[i]));
      for (const profile of part.columns) {
        const values = table.numbers[profile.name]
          ? Float64Array.from(rows, (i) => table.numbers[profile.name][i])
          : rows.map((i) => table.texts[profile.name][i]);
        assertSameProfile(
          profile,
          profileOfValues(profile.name, bins.get(profile.name) as Bins, values, groups),
        );
      }
    }
    const whole = await countProfile(engine, request);
    const sum = [...parts.values()].reduce(mergeTables);
    whole.columns.forEach((profile, i) => {
      assert.deepEqual(sum.columns[i].counts, profile.counts, profile.name);
      assert.deepEqual(sum.columns[i].groups, profile.groups, profile.name);
    });
  });
});

describe('countedColumns', () => {
  const relation = sql`(SELECT CAST(1 AS BIGINT) AS big, CAST(1.5 AS DECIMAL(9, 2)) AS money, TRUE AS flag, 'x' AS text,
    DATE '1970-01-11' AS day, CAST('1970-01-11 13:00:00' AS TIMESTAMP) AS at, CAST('NaN' AS DOUBLE) AS nothing)`;

  it('takes days and times as day numbers, booleans as texts', async () => {
    const columns = await countedColumns(engine, relation, null, 'the table');
    assert.deepEqual(
      columns.map(({ name, kind }) => [name, kind]),
      [
        ['big', 'numeric'],
        ['money', 'numeric'],
        ['flag', 'categorical'],
        ['text', 'categorical'],
        ['day', 'numeric'],
        ['at', 'numeric'],
        ['nothing', 'numeric'],
      ],
    );
    for (const [i, expected] of [1, 1.5, 'true', 'x', 10, 10].entries()) {
      const [row] = await engine.rows(sql`SELECT ${columns[i].value} AS x FROM ${relation} AS t`);
      assert.deepEqual(row, { x: expected }, columns[i].name);
    }
  });

  it('names every column that is missing and every one of another kind', async () => {
    await assert.rejects(
      countedColumns(engine, relation, ['big', 'gone', 'lost'], 'a.parquet'),
      (error: ChurnError) =>
        error.code === 'data.column_missing' && /"gone", "lost" in a\.parquet/.test(error.message),
    );
    const columns = await countedColumns(engine, relation, ['text'], 'a.parquet');
    assert.throws(
      () => requireKinds(columns, [{ name: 'text', bins: { kind: 'numeric' } }], 'a.parquet'),
      (error: ChurnError) => error.code === 'data.column_type' && /"text" in a\.parquet/.test(error.message),
    );
  });
});

describe('planBins', () => {
  it('equals the bins of all values where the table is small', async () => {
    const table = randomTable(9, 3000);
    await loadTable(engine, 'reference', table);
    const relation = sql`(SELECT * FROM reference)`;
    const columns = await countedColumns(
      engine,
      relation,
      [...Object.keys(table.numbers), 'word', 'many'],
      'the table',
    );
    const plan = await planBins(engine, { relation, columns, unit: null }, 42);
    assert.deepEqual(plan.refused, []);
    for (const [name, values] of Object.entries(table.numbers)) {
      assert.deepEqual(plan.bins.get(name), numericBins(values), name);
    }
    for (const name of ['word', 'many']) {
      const counts = table.texts[name].flatMap((value) =>
        value === null ? [] : [[value, 1] as [string, number]],
      );
      assert.deepEqual(plan.bins.get(name), categoricalBins(counts), name);
    }
  });

  it('is the same again on a large table, by the seed, and the range of a reference is exact', async () => {
    const rows = sql`(SELECT value AS x, sin(value) * 1000 AS y FROM ${engine.dialect.series(raw('1'), raw('200000'))} AS numbers)`;
    const columns = await countedColumns(engine, rows, null, 'the table');
    const request = { relation: rows, columns, unit: null, window: null };
    const [first, again, other] = [
      await countReference(engine, request, 1),
      await countReference(engine, request, 1),
      await countReference(engine, request, 2),
    ];
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
    const [x] = first.profile.columns;
    assert.ok(x.bins.kind === 'numeric');
    assert.deepEqual(x.bins.range, [1, 200_000]);
    assert.deepEqual([x.moments!.below, x.moments!.above, x.rows], [0, 0, 200_000]);
    const median = x.bins.edges[x.bins.edges.length >> 1];
    assert.ok(Math.abs(median - 100_000) < 2500, `median ${median}`);
  });

  it('refuses identifiers and free text with the reason', async () => {
    const rows = sql`(SELECT 'user ' || CAST(value AS STRING) AS name, CAST(value % 7 AS STRING) AS group_name
      FROM ${engine.dialect.series(raw('1'), raw('500'))} AS numbers)`;
    const columns = await countedColumns(engine, rows, null, 'the table');
    const plan = await planBins(engine, { relation: rows, columns, unit: null }, 1);
    assert.deepEqual([...plan.bins.keys()], ['group_name']);
    assert.equal(plan.refused.length, 1);
    assert.equal(plan.refused[0].name, 'name');
    assert.match(plan.refused[0].reason, /500 distinct values in 500 rows/);
  });

  it('refuses an identifier that the first rows do not show, and keeps categories of very many values', async () => {
    const rows = sql`(SELECT CASE WHEN value < 25000 THEN 'none' ELSE CAST(value AS STRING) END AS late,
      CAST(value AS STRING) AS name, CAST(value % 30000 AS STRING) AS many
      FROM ${engine.dialect.series(raw('1'), raw('90000'))} AS numbers)`;
    const columns = await countedColumns(engine, rows, null, 'the table');
    const plan = await planBins(engine, { relation: rows, columns, unit: null }, 1);
    assert.deepEqual(
      plan.refused.map(({ name }) => name),
      ['late', 'name'],
    );
    assert.match(plan.refused[0].reason, /65002 distinct values in 90000 rows/);
    const many = plan.bins.get('many');
    assert.ok(many?.kind === 'categorical' && many.categories.length + many.rare.length === 30_000);
  });

  it('takes bins of whole numbers near each other from all rows, the rarest too', async () => {
    const rows = sql`(SELECT CASE WHEN value = 77777 THEN 19 ELSE value % 10 END AS x
      FROM ${engine.dialect.series(raw('1'), raw('200000'))} AS numbers)`;
    const columns = await countedColumns(engine, rows, null, 'the table');
    const { bins } = await planBins(engine, { relation: rows, columns, unit: null }, 1);
    const x = bins.get('x');
    assert.ok(x?.kind === 'numeric');
    assert.deepEqual(x.coarse_labels, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '19', 'other']);
  });
});
