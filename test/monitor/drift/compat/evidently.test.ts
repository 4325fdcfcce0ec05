import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RawColumn } from '../../../../src/monitor/drift/compat/compat.js';
import { evidently } from '../../../../src/monitor/drift/compat/evidently/evidently.js';
import { close } from '../../../reference/monitor.js';

/** What Evidently itself said; made by evidently-cases.py beside the JSON. */
interface EvidentlyCase {
  name: string;
  kind: RawColumn['kind'];
  reference: (number | string)[];
  current: (number | string)[];
  values: Record<string, { value: number; drifted: boolean }>;
  default: { name: string; value: number; drifted: boolean };
}

const { cases } = JSON.parse(readFileSync(join('test', 'reference', 'evidently-cases.json'), 'utf8')) as {
  cases: EvidentlyCase[];
};

const OPTIONS = { statistic: null, warn: 0.1, fail: 0.25 };

function columnOf({ name, kind, reference, current }: EvidentlyCase): RawColumn {
  return kind === 'numeric'
    ? {
        name,
        kind,
        reference: Float64Array.from(reference as number[]),
        current: Float64Array.from(current as number[]),
      }
    : { name, kind, reference: reference as string[], current: current as string[] };
}

for (const each of cases) {
  test(`Evidently's numbers and verdicts: ${each.name}`, () => {
    const column = columnOf(each);
    const wanted: [string | null, { value: number; drifted: boolean }][] = [
      ...Object.entries(each.values),
      [null, each.default],
    ];
    for (const [statistic, { value, drifted }] of wanted) {
      const found = evidently.compare(column, { ...OPTIONS, statistic });
      const ours = found.value ?? found.p_value!;
      assert.ok(
        Math.abs(ours - value) <= 1e-9 * Math.max(1, Math.abs(value)),
        `${statistic}: ${ours}, not ${value}`,
      );
      if (value > 1e-12 && value < 1) {
        close(
          ours,
          value,
          statistic === 'anderson' || statistic === 'cramer_von_mises' ? 1e-6 : 1e-8,
          `${statistic}`,
        );
      }
      assert.equal(found.status, drifted ? 'FAIL' : 'OK', `${statistic}`);
    }
    assert.equal(evidently.compare(column, OPTIONS).statistic, each.default.name);
  });
}

test('what Evidently refuses is INSUFFICIENT, and nulls are dropped', () => {
  const column: RawColumn = { name: 'x', kind: 'categorical', reference: ['a', null], current: [null] };
  assert.equal(evidently.compare(column, OPTIONS).status, 'INSUFFICIENT');
  const uneven: RawColumn = { ...column, reference: ['a', 'b', 'a'], current: ['a', 'b'] };
  for (const statistic of ['g_test', 'fisher_exact']) {
    assert.equal(evidently.compare(uneven, { ...OPTIONS, statistic }).status, 'INSUFFICIENT');
  }
});
