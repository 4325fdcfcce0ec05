import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussLegendre } from '../../../src/model/tree/quadrature.js';

for (const count of [1, 2, 3, 5, 8, 16, 32]) {
  test(`${count} points integrate polynomials up to degree ${2 * count - 1}`, () => {
    const { points, weights } = gaussLegendre(count);
    for (let degree = 0; degree < 2 * count; degree++) {
      const integral = points.reduce((sum, point, index) => sum + weights[index] * point ** degree, 0);
      assert.ok(Math.abs(integral - 1 / (degree + 1)) < 1e-14, `degree ${degree}: ${integral}`);
    }
  });
}
