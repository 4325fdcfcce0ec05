import assert from 'node:assert/strict';
import { it } from 'node:test';
import { drawInto, POPULATION, profileOfTimes, rowsOf } from '../../bench/quality/population.js';
import { numericBins } from '../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../src/monitor/profile/count.js';
import { random } from '../../src/random.js';

it('a profile of how often each value came is that of the rows', () => {
  const shapes = {
    continuous: (u: number) => Math.log(1 - u),
    zeros: (u: number) => Math.max(0, u - 0.6),
    nulls: (u: number) => (u < 0.1 ? Number.NaN : u),
    ties: (u: number) => Math.floor(30 * u ** 2),
  };
  for (const [name, shape] of Object.entries(shapes)) {
    const chance = random(name);
    const values = Float64Array.from({ length: POPULATION }, () => shape(chance.uniform())).sort();
    const [before, now] = [20_000, 30_001].map((rows) => {
      const times = new Uint32Array(POPULATION);
      drawInto(times, rows, chance);
      return times;
    });
    const bins = numericBins(rowsOf(values, before));
    const rows = rowsOf(values, now);
    assert.equal(rows.length, 30_001);
    const expected = profileOfValues('x', bins, rows);
    const found = profileOfTimes(bins, values, now);
    for (const sum of ['sum', 'sum_squares'] as const) {
      const [a, b] = [found.moments?.[sum] as number, expected.moments?.[sum] as number];
      assert.ok(Math.abs(a - b) <= 1e-9 * Math.abs(b), `${name}: ${sum} ${a} ${b}`);
      found.moments = { ...found.moments!, [sum]: b };
    }
    assert.deepEqual(found, expected, name);
  }
});
