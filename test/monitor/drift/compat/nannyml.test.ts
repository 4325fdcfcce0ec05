import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { countedColumns } from '../../../../src/data/count/columns.js';
import { readRawColumns } from '../../../../src/data/count/raw-columns.js';
import { readTable } from '../../../../src/data/tables.js';
import type { RawColumn } from '../../../../src/monitor/drift/compat/compat.js';
import { nannyml, nannymlReference } from '../../../../src/monitor/drift/compat/nannyml.js';
import { openTestEngine, SHARED, WITHOUT_SHARED } from '../../../data/project.js';

interface Published {
  period: 'reference' | 'analysis';
  chunk: number;
  column: string;
  method: string;
  alert: boolean;
  upper: number | null;
  value: number;
}

function published(): Published[] {
  const [, ...lines] = readFileSync(join(SHARED, 'car_loan/published_univariate.csv'), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => {
    const cells = line.split(',');
    const [upper, value] = cells.slice(-2);
    const [period, chunk] = cells;
    // The key of a chunk has a colon, not a comma: columns are at fixed places from the end.
    const [column, method, alert] = cells.slice(3, 6);
    return {
      period: period as Published['period'],
      chunk: Number(chunk),
      column,
      method,
      alert: alert === 'True',
      upper: upper === '' ? null : Number(upper),
      value: Number(value),
    };
  });
}

test("NannyML's published table in full: every chunk, both columns, thresholds, alerts", {
  skip: WITHOUT_SHARED,
}, async () => {
  const engine = await openTestEngine(join(tmpdir(), `churn-nannyml-${process.pid}`));
  try {
    const names = ['debt_to_income_ratio', 'salary_range'];
    const read = async (file: string) => {
      const table = readTable(engine, join(SHARED, 'car_loan', file));
      return readRawColumns(engine, table, await countedColumns(engine, table, names, file));
    };
    const reference = await read('reference_synthetic_car_loan.parquet');
    const current = await read('monitoring_synthetic_car_loan.parquet');
    const rows = published();
    assert.equal(rows.length, 80);
    const digits = (value: number) => Number(value.toPrecision(6));
    for (const column of names) {
      const kind: RawColumn['kind'] = column === 'salary_range' ? 'categorical' : 'numeric';
      const [before, now] = [reference, current].map((table) => table.columns[names.indexOf(column)]);
      for (const method of new Set(rows.filter((row) => row.column === column).map((row) => row.method))) {
        const found = nannyml.compare(
          { name: column, kind, reference: before, current: now },
          { statistic: method, warn: 0.1, fail: 0.25 },
        );
        const learnt = nannymlReference(kind, method, before);
        for (const row of rows.filter((each) => each.column === column && each.method === method)) {
          const what = `${column} ${method} ${row.period} ${row.chunk}`;
          const chunk = row.period === 'reference' ? learnt.chunks[row.chunk] : found.chunks[row.chunk];
          assert.deepEqual([chunk.from, chunk.to], [row.chunk * 5000, (row.chunk + 1) * 5000], what);
          assert.equal(digits(chunk.value!), row.value, what);
          assert.equal(
            found.threshold.upper === null ? null : digits(found.threshold.upper),
            row.upper,
            what,
          );
          if (row.period === 'analysis') {
            assert.equal(found.chunks[row.chunk].alert, row.alert, what);
          }
        }
        assert.equal(found.status, 'FAIL');
      }
    }
  } finally {
    await engine.close();
  }
});

interface NannyCases {
  columns: Record<string, { reference: (number | string | null)[]; current: (number | string | null)[] }>;
  results: {
    column: string;
    method: string;
    values: (number | null)[];
    alerts: boolean[];
    upper: number | null;
    lower: number | null;
  }[];
}

const { columns, results } = JSON.parse(
  readFileSync(join('test', 'reference', 'nannyml-cases.json'), 'utf8'),
) as NannyCases;

for (const { column, method, values, alerts, upper, lower } of results) {
  test(`NannyML's ${method} of ${column}: nulls, leftover rows, values outside`, () => {
    const { reference, current } = columns[column];
    const numeric = reference.some((value) => typeof value === 'number');
    const raw = (list: (number | string | null)[]) =>
      numeric
        ? Float64Array.from(list, (value) => (value as number | null) ?? Number.NaN)
        : (list as string[]);
    const found = nannyml.compare(
      {
        name: column,
        kind: numeric ? 'numeric' : 'categorical',
        reference: raw(reference),
        current: raw(current),
      },
      { statistic: method, warn: 0.1, fail: 0.25 },
    );
    assert.equal(found.chunks.length, values.length);
    found.chunks.forEach((chunk, i) => {
      assert.ok(
        Math.abs(chunk.value! - values[i]!) <= 1e-9 * Math.max(1, values[i]!),
        `${i}: ${chunk.value}, ${values[i]}`,
      );
    });
    assert.deepEqual(
      found.chunks.map(({ alert }) => alert),
      alerts,
    );
    for (const [ours, theirs] of [
      [found.threshold.upper, upper],
      [found.threshold.lower, lower],
    ]) {
      assert.ok(ours === theirs || Math.abs(ours! - theirs!) < 1e-9, `${ours}, ${theirs}`);
    }
  });
}
