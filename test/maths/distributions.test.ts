import assert from 'node:assert/strict';
import { test } from 'node:test';
import { studentQuantile, studentTwoSided } from '../../src/maths/distributions.js';

test("quantiles of Student's t are those of tables, and of the normal for many degrees", () => {
  // scipy.stats.t.ppf
  const known: [number, number, number][] = [
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749462],
    [0.975, 19, 2.0930240544083087],
    [0.975, 66, 1.9965644189523117],
    [0.995, 10, 3.16927267261695],
    [0.95, 49, 1.6765508926168535],
    [0.975, Infinity, 1.959963984540054],
  ];
  for (const [p, degrees, expected] of known) {
    const found = studentQuantile(p, degrees);
    assert.ok(Math.abs(found - expected) < 1e-9, `${p}, ${degrees}: ${found}`);
    if (degrees !== Infinity) {
      assert.ok(Math.abs(studentTwoSided(found, degrees) - 2 * (1 - p)) < 1e-10);
    }
  }
});
