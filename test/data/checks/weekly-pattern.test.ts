import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromWeeklyPattern } from '../../../src/data/checks/weekly-pattern.js';

/** Numbers of days 0, 1, ... */
const series = (numbers: number[]) => new Map(numbers.map((number, day) => [day, number]));
const WEEK = [100, 110, 120, 130, 140, 50, 40];
const weeks = (count: number) => Array.from({ length: 7 * count }, (_, day) => WEEK[day % 7]);

describe('the weekly pattern', () => {
  it('is the median of the same weekday', () => {
    const found = fromWeeklyPattern(series([...weeks(8), 25]), 0, 56, 8);
    assert.ok(found !== null && Math.abs(found.usual - 100) < 1e-9);
    assert.ok(Math.abs(found.share - 0.25) < 1e-9);
    // Without any spread the noise of counting is left: ln(26 / 101) times the root of 101.
    assert.ok(Math.abs(found.z - Math.log(26 / 101) * Math.sqrt(101)) < 1e-9);
  });

  it('knows weekends, and is not moved by bad days', () => {
    const numbers = weeks(8);
    for (const bad of [5, 12, 19]) {
      numbers[bad] = 0;
    }
    const found = fromWeeklyPattern(series([...numbers, ...WEEK]), 0, 61, 8);
    assert.ok(found !== null && Math.abs(found.usual - 50) < 1e-9);
    assert.ok(Math.abs(found.z) < 1e-9);
  });

  it('has the spread of all days, as a standard deviation', () => {
    // Residuals of ln(1 + n): -0.3 or 0.3 in turn, so their median is 0.3.
    const numbers = Array.from({ length: 57 }, (_, day) =>
      Math.expm1(8 + (Math.floor(day / 7) % 2 ? 0.3 : -0.3)),
    );
    const found = fromWeeklyPattern(series(numbers), 0, 56, 8);
    assert.ok(found !== null && Math.abs(found.z - -0.3 / (1.4826 * 0.3)) < 1e-9, JSON.stringify(found));
  });

  it('is unknown with fewer than four weeks, and days before the first are none', () => {
    assert.equal(fromWeeklyPattern(series(weeks(3)), 0, 21, 8), null);
    assert.notEqual(fromWeeklyPattern(series(weeks(4)), 0, 28, 8), null);
    assert.equal(fromWeeklyPattern(series(weeks(8)), 30, 56, 8), null);
  });

  it('a day that is missing has nothing', () => {
    const numbers = series(weeks(8));
    assert.equal(fromWeeklyPattern(numbers, 0, 56, 8)?.share, 0);
  });
});
