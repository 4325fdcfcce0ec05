import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { categoricalBins, numericBins } from '../../../src/monitor/profile/bins.js';
import { coarseCells, coarseLayout } from '../../../src/monitor/profile/coarse.js';
import { profileOfValues, tableProfile } from '../../../src/monitor/profile/count.js';
import { refuseIdentifier } from '../../../src/monitor/profile/identifier.js';
import { mergeColumns, mergeTables } from '../../../src/monitor/profile/merge.js';
import { meanOf, varianceOf } from '../../../src/monitor/profile/moments.js';
import { random } from '../../../src/random.js';

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0),
);
const numbers = fc.array(number, { maxLength: 300 }).map((list) => Float64Array.from(list));
const texts = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'x', 'y')), { maxLength: 60 });
const sum = (list: readonly number[]) => list.reduce((total, count) => total + count, 0);
const groupsFor = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) % 64);
const normals = (n: number, seed: string) => {
  const chance = random(seed);
  return Float64Array.from({ length: n }, () => chance.normal());
};

test('every number falls in exactly one bin and nothing is lost', () => {
  fc.assert(
    fc.property(numbers, numbers, (reference, current) => {
      const bins = numericBins(reference);
      const profile = profileOfValues('x', bins, current, groupsFor(current.length));
      assert.ok(
        bins.edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > bins.edges[i - 1])),
      );
      assert.equal(bins.coarse.length, bins.edges.length + 1);
      assert.ok(bins.coarse.every((cell) => cell >= 0 && cell < bins.coarse_labels.length));
      assert.equal(new Set(bins.coarse_labels).size, bins.coarse_labels.length);
      assert.equal(sum(profile.counts) + profile.nulls, current.length);
      const cells = coarseCells(profile).map((cell) => cell.count);
      assert.equal(sum(cells), current.length);
      const byGroup = cells.map((_, cell) => sum(profile.groups!.map((counts) => counts[cell])));
      assert.deepEqual(byGroup, cells);
      assert.deepEqual(JSON.parse(JSON.stringify(profile)).bins, profile.bins);
    }),
  );
});

test('bins do not depend on the order of rows and leave the sample alone', () => {
  const sample = normals(5_000, 'order');
  const before = sample.slice();
  assert.deepEqual(numericBins(sample), numericBins(sample.slice().reverse()));
  assert.deepEqual(sample, before);
});

test('a continuous column has 200 fine bins in 10 coarse ones of equal shares', () => {
  const sample = normals(20_000, 'deciles');
  const bins = numericBins(sample);
  assert.equal(bins.edges.length, 199);
  assert.equal(bins.coarse_labels.length, 10);
  for (const cell of coarseCells(profileOfValues('x', bins, sample)).slice(0, 10)) {
    assert.ok(Math.abs(cell.count - 2_000) <= 1, `${cell.label}: ${cell.count}`);
  }
});

test('a spike has a bin of its own, and the rest keeps about a tenth per bin', () => {
  const sample = normals(10_000, 'spike').map((value, i) => (i % 5 < 2 ? 0 : value > 0 ? value : -value));
  const bins = numericBins(sample);
  const cells = coarseCells(profileOfValues('x', bins, sample));
  assert.equal(cells.find((cell) => cell.label === '0')?.count, 4_000);
  assert.deepEqual(
    cells.filter((cell) => cell.kind === 'bin').map((cell) => cell.count),
    [4_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000],
  );
  const moved = coarseCells(profileOfValues('x', bins, Float64Array.from([0, -0, -1e-300, 1e-9])));
  assert.equal(moved.find((cell) => cell.label === '0')?.count, 2);
  assert.equal(moved.find((cell) => cell.kind === 'other')?.count, 1);
});

test('up to 20 distinct values: one bin per value, and "other" between them', () => {
  const sample = Float64Array.from({ length: 400 }, (_, i) => i % 20);
  const bins = numericBins(sample);
  assert.deepEqual(bins.coarse_labels, [...Array.from({ length: 20 }, (_, i) => String(i)), 'other']);
  const cells = coarseCells(profileOfValues('x', bins, Float64Array.from([0, 19, 0.5, -1, 20, Infinity])));
  assert.deepEqual(
    cells.filter((cell) => cell.count > 0).map((cell) => [cell.label, cell.count]),
    [
      ['0', 1],
      ['19', 1],
      ['other', 4],
    ],
  );
  assert.equal(
    numericBins(Float64Array.from({ length: 420 }, (_, i) => i % 21)).coarse_labels.includes('other'),
    false,
  );
});

test('a constant column has its value and "other"', () => {
  const bins = numericBins(new Float64Array(100).fill(7));
  assert.deepEqual(bins.coarse_labels, ['7', 'other']);
  assert.deepEqual(bins.range, [7, 7]);
});

test('a column without values has one bin and no edges', () => {
  for (const sample of [new Float64Array(0), new Float64Array(5).fill(Number.NaN)]) {
    const bins = numericBins(sample);
    assert.deepEqual(bins.edges, []);
    assert.deepEqual(coarseLayout(bins).length, 2);
    const { moments } = profileOfValues('x', bins, Float64Array.from([1, Number.NaN]));
    assert.deepEqual([moments!.below, moments!.above], [0, 0]);
  }
});

test('ties at a decile never make an empty bin in the reference', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 2_000 }), (list) => {
      const sample = Float64Array.from(list);
      const cells = coarseCells(profileOfValues('x', numericBins(sample), sample));
      assert.ok(cells.filter((cell) => cell.kind === 'bin').every((cell) => cell.count > 0));
    }),
  );
});

test('categories are ordered by count, then name, whatever the order they come in', () => {
  const pairs: [string, number][] = [
    ['b', 2],
    ['a', 2],
    ['c', 9],
    ['d', 1],
    ['b', 0],
  ];
  const bins = categoricalBins(pairs, 3);
  assert.deepEqual(bins, { kind: 'categorical', categories: ['c', 'a', 'b'], rare: ['d'] });
  assert.deepEqual(categoricalBins(pairs.reverse(), 3), bins);
});

test('rare, unseen and null categories are told apart and unseen ones named', () => {
  const bins = categoricalBins(
    [
      ['a', 5],
      ['b', 3],
      ['r', 1],
    ],
    2,
  ); // prettier-ignore
  const profile = profileOfValues('plan', bins, ['a', 'r', 'new', 'new', 'odd', null]);
  assert.deepEqual(profile.counts, [1, 0, 1, 3]);
  assert.equal(profile.nulls, 1);
  assert.deepEqual(profile.unseen, [
    { value: 'new', rows: 2 },
    { value: 'odd', rows: 1 },
  ]); // prettier-ignore
  assert.deepEqual(
    coarseCells(profile).map((cell) => cell.kind),
    ['bin', 'bin', 'rare', 'unseen', 'null'],
  );
});

test('moments about a pivot give mean and variance where plain sums cancel', () => {
  const values = normals(2_000, 'moments').map((value) => 1e9 + value);
  const { moments } = profileOfValues('x', numericBins(values), values);
  const mean = 1e9 + values.reduce((total, value) => total + (value - 1e9), 0) / 2_000;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / 1_999;
  assert.ok(Math.abs(meanOf(moments!)! - mean) < 1e-6);
  assert.ok(Math.abs(varianceOf(moments!)! / variance - 1) < 1e-9);
});

test('below and above count what lies outside the reference range, infinities included', () => {
  const bins = numericBins(Float64Array.from([1, 2, 3]));
  const { moments } = profileOfValues(
    'x',
    bins,
    Float64Array.from([0, 1, 3, 4, 5, Infinity, -Infinity, Number.NaN]),
  );
  assert.deepEqual([moments!.below, moments!.above, moments!.finite], [2, 3, 5]);
  assert.deepEqual([moments!.min, moments!.max], [0, 5]);
});

test('merge is counting the union: numbers', () => {
  fc.assert(
    fc.property(numbers, numbers, numbers, (reference, a, b) => {
      const bins = numericBins(reference);
      const union = Float64Array.from([...a, ...b]);
      const groups = [...groupsFor(a.length), ...groupsFor(b.length)];
      const merged = mergeColumns(
        profileOfValues('x', bins, a, groupsFor(a.length)),
        profileOfValues('x', bins, b, groupsFor(b.length)),
      );
      const counted = profileOfValues('x', bins, union, Uint8Array.from(groups));
      const { sum: mergedSum, sum_squares: mergedSquares, ...mergedRest } = merged.moments!;
      const { sum: countedSum, sum_squares: countedSquares, ...countedRest } = counted.moments!;
      assert.deepEqual({ ...merged, moments: mergedRest }, { ...counted, moments: countedRest });
      assert.ok(Math.abs(mergedSum - countedSum) <= 1e-9 * Math.max(1, countedSquares));
      assert.ok(Math.abs(mergedSquares - countedSquares) <= 1e-9 * Math.max(1, countedSquares));
    }),
  );
});

test('merge is counting the union: categories', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const bins = categoricalBins(
        [
          ['a', 3],
          ['b', 2],
          ['c', 1],
        ],
        2,
      ); // prettier-ignore
      const merged = mergeColumns(profileOfValues('c', bins, a), profileOfValues('c', bins, b));
      assert.deepEqual(merged, profileOfValues('c', bins, [...a, ...b]));
    }),
  );
});

test('profiles over different bins or columns are refused', () => {
  const of = (name: string, values: number[]) => {
    const sample = Float64Array.from(values);
    return profileOfValues(name, numericBins(sample), sample);
  };
  assert.throws(() => mergeColumns(of('x', [1]), of('x', [2])), { code: 'model.mismatch' });
  assert.throws(() => mergeColumns(of('x', [1]), of('y', [1])), { code: 'model.mismatch' });
  assert.throws(() => mergeTables(tableProfile([of('x', [1])], 1), tableProfile([of('y', [1])], 1)), {
    code: 'model.mismatch',
  });
});

test('merged tables span both windows; units are an upper bound', () => {
  const column = profileOfValues('x', numericBins(Float64Array.from([1])), Float64Array.from([1]));
  const merged = mergeTables(
    tableProfile([column], 1, { from: '2026-01-08', to: '2026-01-15' }),
    tableProfile([column], 1, { from: '2026-01-01', to: '2026-01-08' }),
  );
  assert.deepEqual(merged.window, { from: '2026-01-01', to: '2026-01-15' });
  assert.deepEqual([merged.rows, merged.units], [2, 2]);
  assert.equal(mergeTables(tableProfile([column], null), tableProfile([column], 1)).units, null);
});

test('identifiers are refused with a reason', () => {
  assert.match(refuseIdentifier(900, 1_000)!, /identifier/);
  assert.match(refuseIdentifier(1_000, 30_000, 1_000)!, /identifier of the unit/);
  assert.equal(refuseIdentifier(200, 30_000, 1_000), null);
  assert.equal(refuseIdentifier(3, 3), null);
});
