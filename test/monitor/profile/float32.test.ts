import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../../src/monitor/profile/count.js';
import { asFloat32 } from '../../../src/monitor/profile/float32.js';
import { random } from '../../../src/random.js';

const { uniform, normal } = random(1);
const NUMBERS = Float64Array.from({ length: 5000 }, () => (uniform() < 0.1 ? Number.NaN : normal() * 10));
const RATES = Float64Array.from({ length: 5000 }, () => [0, 1 / 3, 0.1, 2 / 3, 1][Math.floor(uniform() * 5)]);

test('rounded edges keep every rounded value of the reference in its bin', () => {
  for (const values of [RATES, NUMBERS, Float64Array.from({ length: 500 }, (_, i) => 1e7 + (i % 12) / 7)]) {
    const reference = profileOfValues('x', numericBins(values), values);
    const rounded = profileOfValues('x', asFloat32(reference).bins, Float64Array.from(values, Math.fround));
    const moved = reference.counts.reduce((sum, count, i) => sum + Math.abs(count - rounded.counts[i]), 0);
    const distinct = new Set(Array.from(values, Math.fround)).size === new Set(values).size;
    assert.ok(!distinct || moved === 0, `${moved} rows moved`);
    const { edges } = asFloat32(reference).bins as { edges: number[] };
    assert.ok(
      edges.every((edge, i) => i === 0 || edge > edges[i - 1]),
      'edges rise',
    );
    assert.ok(edges.every((edge) => Object.is(Math.fround(edge), edge)));
  }
});
