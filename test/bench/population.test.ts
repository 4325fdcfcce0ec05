import assert from 'node:assert/strict';
import { it } from 'node:test';
import { POPULATION, profileOfTimes, rowsOf, timesDrawer } from '../../bench/quality/population.js';
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
      const times = new Uint16Array(POPULATION);
      timesDrawer(rows)(times, chance);
      return times;
    });
    const bins = numericBins(rowsOf(values, before));
    const rows = rowsOf(values, now);
    assert.ok(Math.abs(rows.length - 30_001) < 5 * Math.sqrt(30_001), `${rows.length}`);
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

it('each value comes Poisson many times, however many rows there are', () => {
  for (const rows of [1_000, 100_000, 1_000_000]) {
    const mean = rows / POPULATION;
    const times = new Uint16Array(POPULATION);
    timesDrawer(rows)(times, random(rows));
    const sum = times.reduce((total, count) => total + count, 0);
    const squares = times.reduce((total, count) => total + (count - mean) ** 2, 0);
    assert.ok(Math.abs(sum - rows) < 4 * Math.sqrt(rows), `${sum} rows`);
    // The variance of a squared deviation is mean + 2 mean^2.
    const error = Math.sqrt(POPULATION * (mean + 2 * mean ** 2));
    assert.ok(Math.abs(squares - rows) < 4 * error, `sum of squares ${squares} of ${rows}`);
    const none = times.filter((count) => count === 0).length;
    const expected = POPULATION * Math.exp(-mean);
    assert.ok(Math.abs(none - expected) <= 4 * Math.sqrt(expected) + 1e-3, `${none} never came`);
  }
});
