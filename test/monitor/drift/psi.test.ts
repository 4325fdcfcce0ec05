import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chiSquaredQuantileUpper } from '../../../src/maths/special.js';
import type { CellPair } from '../../../src/monitor/drift/cells.js';
import { section12Psi } from '../../../src/monitor/drift/compat/section-12.js';
import { rowsNeeded, worth } from '../../../src/monitor/drift/noise.js';
import { psiParts } from '../../../src/monitor/drift/parts.js';
import { jeffreysShares, psi, psiCells, psiNullMean, psiOfShares } from '../../../src/monitor/drift/psi.js';
import { random } from '../../../src/random.js';
import { close, monitorReference } from '../../reference/monitor.js';
import { ofCounts } from './comparisons.js';

const cell = (kind: CellPair['kind'], reference: number, current: number, index: number): CellPair => ({
  label: `${kind} ${index}`,
  kind,
  reference,
  current,
  index,
});

test('a bin 20 % -> empty gives 1.240 by Jeffreys', () => {
  const emptied = ofCounts([200, 200, 200, 200, 200], [0, 250, 250, 250, 250]);
  assert.equal(psi.of(emptied).value!.toFixed(3), '1.240');
  const [p, q] = [
    [0.2, 0.8],
    [0, 1],
  ]; // prettier-ignore
  const floored = (floor: number) =>
    psiOfShares(
      p,
      q.map((share) => Math.max(share, floor)),
    ); // prettier-ignore
  assert.equal(floored(1e-4).toFixed(3), '1.564');
  assert.equal(floored(0.01).toFixed(3), '0.614');
  assert.equal(floored(1e-6).toFixed(3), '2.486');
});

test('smoothed shares sum to 1 and PSI is symmetric', () => {
  const counts = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(counts, (list) => {
      const [a, b] = [list.map(([x]) => x), list.map(([, y]) => y)];
      const [p, q] = [jeffreysShares(a), jeffreysShares(b)];
      assert.ok(Math.abs(p.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
      assert.ok(Math.abs(psiOfShares(p, q) - psiOfShares(q, p)) < 1e-12);
      assert.ok(psiOfShares(p, q) >= 0);
    }),
  );
});

test('parts are never negative and sum to the PSI, and so do the cells', () => {
  const kinds = ['bin', 'bin', 'bin', 'other', 'unseen', 'rare', 'null'] as const;
  const counts = fc.array(fc.tuple(fc.nat(500), fc.nat(500)), {
    minLength: kinds.length,
    maxLength: kinds.length,
  });
  const rise = fc.record({
    low: fc.double({ min: 0, max: 1, noNaN: true }),
    high: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(counts, rise, (list, outside) => {
      const pairs = list
        .map(([a, b], i) => cell(kinds[i], a, b, i))
        .filter((each) => each.reference + each.current > 0);
      if (pairs.length === 0) {
        return;
      }
      const cells = psiCells(pairs);
      const total = cells.reduce((sum, each) => sum + each.psi, 0);
      const parts = psiParts(pairs, cells, outside, { low: 0, high: 3 });
      assert.ok(parts.every((part) => part.psi >= 0));
      const sum = parts.reduce((all, part) => all + part.psi, 0);
      assert.ok(Math.abs(sum - total) < 1e-9 * Math.max(1, total), `${sum} and ${total}`);
    }),
  );
});

test('a column that only gets more nulls has its PSI in nulls', () => {
  const pairs = [cell('bin', 490, 350, 0), cell('bin', 490, 350, 1), cell('null', 20, 300, 2)];
  const parts = psiParts(pairs, psiCells(pairs), { low: 0, high: 0 }, { low: 0, high: 1 });
  assert.ok(parts[0].cause === 'nulls' && parts[0].psi > 0.8);
  assert.ok(parts.slice(1).every((part) => part.psi < 1e-12));
});

test('values beyond the range are told from values that moved within it', () => {
  const pairs = [cell('bin', 500, 250, 0), cell('bin', 500, 750, 1)];
  const causes = (high: number) => {
    const parts = psiParts(pairs, psiCells(pairs), { low: 0, high }, { low: 0, high: 1 });
    return Object.fromEntries(parts.map((part) => [part.cause, part.psi]));
  };
  assert.equal(causes(0).out_of_range, 0);
  assert.ok(causes(0.25).shape < 1e-12);
  assert.ok(Math.abs(causes(0.125).out_of_range - causes(0.125).shape) < 1e-12);
});

test('rows needed: about 230, 253 and 380 for 10, 12 and 20 cells', () => {
  for (const [cells, rows] of [
    [10, 230],
    [12, 253],
    [20, 380],
  ]) {
    const even = new Array<number>(cells).fill(100);
    const bound = (n: number) => psi.nullBound(ofCounts(even, even), n);
    const needed = rowsNeeded(bound, 10_000, 0.1);
    assert.ok(Math.abs(needed / rows - 1) < 0.05, `${cells} cells: ${needed}`);
    assert.ok(bound(worth(10_000, needed)) <= 0.1 && bound(worth(10_000, needed - 1)) > 0.1);
    assert.equal(rowsNeeded(bound, 100, 0.1), Infinity);
  }
});

test('PSI of unchanged features has the mean and the 99 % bound that are stated', () => {
  const chance = random('null psi');
  const [cells, reference, current] = [10, 4_000, 2_000];
  const counts = (n: number) => {
    const list = new Array<number>(cells).fill(0);
    for (let i = 0; i < n; i++) {
      list[chance.integer(cells)]++;
    }
    return list;
  };
  const values = Array.from({ length: 1_000 }, () => {
    const [a, b] = [counts(reference), counts(current)];
    return psi.of(ofCounts(a, b)).value!;
  });
  const even = ofCounts(counts(1_000), counts(1_000));
  const n = worth(reference, current);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean / psiNullMean(even, n) - 1) < 0.06, `mean ${mean}`);
  const above = values.filter((value) => value > psi.nullBound(even, n)).length;
  assert.ok(above >= 2 && above <= 22, `${above} of 1,000 above the 99 % bound`);
  assert.ok(chiSquaredQuantileUpper(0.01, 9) > 21.6);
});

test('section-12 compatibility equals numpy', () => {
  const values = (list: (number | null)[]) => Float64Array.from(list, (value) => value ?? Number.NaN);
  for (const each of monitorReference().section_12) {
    const value = section12Psi(values(each.reference), values(each.current));
    if (each.psi === 0) {
      assert.equal(value, 0, each.name);
    } else {
      close(value, each.psi, 1e-12, each.name);
    }
  }
  assert.equal(section12Psi(new Float64Array(0), Float64Array.from([1])), 0);
});
