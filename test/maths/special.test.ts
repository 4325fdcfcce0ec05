import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  chiSquaredQuantileUpper,
  chiSquaredSurvival,
  logGamma,
  normalCdf,
  normalQuantile,
  normalSurvival,
} from '../../src/maths/special.js';
import { close, monitorReference } from '../reference/monitor.js';

const reference = monitorReference();

test('chi-squared survival equals scipy, far into the tail', () => {
  for (const [x, df, p] of reference.chi2_sf) {
    close(chiSquaredSurvival(x, df), p, 2e-11, `x ${x}, df ${df}:`);
  }
  assert.equal(chiSquaredSurvival(0, 3), 1);
  assert.equal(chiSquaredSurvival(Infinity, 3), 0);
});

test('chi-squared quantile equals scipy', () => {
  for (const [p, df, x] of reference.chi2_isf) {
    close(chiSquaredQuantileUpper(p, df), x, 1e-11, `p ${p}, df ${df}:`);
  }
});

test('log-gamma equals scipy', () => {
  for (const [x, value] of reference.gammaln) {
    assert.ok(Math.abs(logGamma(x) - value) <= 2e-14 * Math.max(1, Math.abs(value)), `ln Gamma(${x})`);
  }
  assert.ok(Number.isNaN(logGamma(0)));
});

test('normal cdf and quantile equal scipy and invert each other', () => {
  for (const [z, p] of reference.normal_cdf) {
    close(normalCdf(z), p, 1e-11, `cdf(${z}):`);
    close(normalSurvival(-z), p, 1e-11, `survival(${-z}):`);
  }
  for (const [p, z] of reference.normal_quantile) {
    assert.ok(Math.abs(normalQuantile(p) - z) <= 1e-12 * Math.max(1, Math.abs(z)), `quantile(${p})`);
  }
  assert.equal(normalQuantile(0), -Infinity);
  assert.equal(normalQuantile(1), Infinity);
  assert.ok(Number.isNaN(normalQuantile(1.1)));
});
