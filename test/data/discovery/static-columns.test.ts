import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cramersV } from '../../../src/data/discovery/static-columns.js';

describe("Cramér's V of a column against being gone", () => {
  const of = (...values: [users: number, gone: number][]) =>
    cramersV({ column: 'x', values: values.map(([users, gone]) => ({ users, gone })) });

  it('is the root of chi-squared over the users', () => {
    // The table 10 20 / 30 40: chi-squared 0.7937 without correction (scipy.stats.chi2_contingency).
    assert.ok(Math.abs((of([30, 10], [70, 30]) ?? 0) - 0.08908708) < 1e-8);
    assert.equal(of([50, 50], [20, 0]), 1);
    assert.equal(of([50, 10], [100, 20]), 0);
  });

  it('is undefined with one value, or when everybody is on one side', () => {
    assert.deepEqual([of([10, 5]), of([10, 0], [5, 0]), of([10, 10], [5, 5])], [null, null, null]);
  });
});
