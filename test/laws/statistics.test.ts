import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Comparison } from '../../src/monitor/drift/cells.js';
import { STATISTICS } from '../../src/monitor/drift/index.js';
import type { Statistic } from '../../src/monitor/drift/statistic.js';
import { random } from '../../src/random.js';
import { ofNumbers, ofTexts } from '../monitor/drift/comparisons.js';

const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -1e9, max: 1e9 }).map((x) => x / 1000) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity) },
);
const numbers = fc.array(number, { maxLength: 60 }).map((list) => Float64Array.from(list));
const texts = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e')), { maxLength: 60 });

/** Pairs of windows of each kind that a statistic applies to. */
function windowsFor({ appliesTo }: Statistic): fc.Arbitrary<Comparison>[] {
  return appliesTo.map((kind) =>
    kind === 'numeric'
      ? fc.tuple(numbers, numbers).map(([a, b]) => ofNumbers(a, b))
      : fc.tuple(texts, texts).map(([a, b]) => ofTexts(a, b)),
  );
}

const SAMPLING = { unitAware: false, seed: 1 };

for (const statistic of STATISTICS) {
  const windows = fc.oneof(...windowsFor(statistic));

  test(`${statistic.id}: in range, or null with a reason`, () => {
    fc.assert(
      fc.property(windows, (comparison) => {
        const { value, reason } = statistic.of(comparison);
        assert.ok(
          value === null ? reason!.length > 0 : value >= statistic.range[0] && value <= statistic.range[1],
          `${value}`,
        );
      }),
    );
  });

  test(`${statistic.id}: defined wherever both windows hold two different values`, () => {
    fc.assert(
      fc.property(windows, (comparison) => {
        const { reference, current } = comparison;
        const varied = [reference, current].every(({ moments, bins, counts, rows, nulls }) =>
          bins.kind === 'numeric'
            ? moments!.min !== null && moments!.min < moments!.max! && moments!.finite === rows - nulls
            : counts.filter((count) => count > 0).length > 1,
        );
        const empty = reference.rows === 0 || current.rows === 0;
        const { value } = statistic.of(comparison);
        assert.ok(!varied || value !== null);
        assert.ok(!empty || value === null);
      }),
    );
  });

  test(`${statistic.id}: identical windows give exactly 0 and no evidence`, () => {
    const same = fc.oneof(
      ...statistic.appliesTo.map((kind) =>
        kind === 'numeric'
          ? numbers.map((list) => ofNumbers(list, Float64Array.from(list).reverse()))
          : texts.map((list) => ofTexts(list, [...list].reverse())),
      ),
    );
    fc.assert(
      fc.property(same, (comparison) => {
        const { value } = statistic.of(comparison);
        assert.ok(value === null || Math.abs(value) < 1e-9, `${value}`);
        if (value !== null) {
          const evidence = statistic.evidence(comparison, SAMPLING);
          assert.ok(evidence === null || evidence.p > 0.999, JSON.stringify(evidence));
        }
      }),
    );
  });

  test(`${statistic.id}: cells in another order change nothing, inputs are left alone`, () => {
    fc.assert(
      fc.property(windows, (comparison) => {
        const before = structuredClone(comparison);
        const { value } = statistic.of(comparison);
        if (value !== null) {
          statistic.evidence(comparison, SAMPLING);
          statistic.nullBound(comparison, 100);
        }
        assert.deepEqual(comparison, before);
        const turned = statistic.of({ ...comparison, cells: [...comparison.cells].reverse() }).value;
        assert.ok(
          value === null
            ? turned === null
            : Math.abs(turned! - value) <= 1e-12 * Math.max(1, Math.abs(value)),
        );
      }),
    );
  });

  test(`${statistic.id}: p is a probability, and more rows never need a larger bound`, () => {
    fc.assert(
      fc.property(windows, (comparison) => {
        if (statistic.of(comparison).value !== null) {
          const evidence = statistic.evidence(comparison, SAMPLING);
          assert.ok(evidence === null || (evidence.p >= 0 && evidence.p <= 1), JSON.stringify(evidence));
          assert.ok(statistic.nullBound(comparison, 400) <= statistic.nullBound(comparison, 100));
        }
      }),
    );
  });
}

test('half a million rows work, and a larger shift moves every statistic of numbers further', () => {
  const chance = random('half a million');
  const values = (shift: number, nulls: number) =>
    Float64Array.from({ length: 500_000 }, () =>
      chance.uniform() < nulls ? Number.NaN : chance.normal() + shift,
    );
  const reference = values(0, 0.01);
  const [near, far] = [ofNumbers(reference, values(0.05, 0.02)), ofNumbers(reference, values(2, 0.2))];
  for (const statistic of STATISTICS.filter(({ appliesTo }) => appliesTo.includes('numeric'))) {
    const [a, b] = [statistic.of(near).value!, statistic.of(far).value!];
    const moves = statistic.id !== 'unseen_rate';
    assert.ok(moves ? Math.abs(b) > Math.abs(a) : a === 0, `${statistic.id}: ${a}, ${b}`);
  }
});

test('the bound of unchanged features is kept by 98 % of them, and is no more than three times too wide', () => {
  const chance = random('bounds');
  const draw = (rows: number) =>
    Float64Array.from({ length: rows }, () => (chance.uniform() < 0.1 ? Number.NaN : chance.normal()));
  const names = STATISTICS.filter(({ appliesTo }) => appliesTo.includes('numeric'));
  const [rows, others] = [3_000, 1_000];
  const n = (rows * others) / (rows + others);
  const kept = names.map(() => 0);
  const largest = names.map(() => 0);
  const checks = 150;
  for (let check = 0; check < checks; check++) {
    const comparison = ofNumbers(draw(rows), draw(others));
    names.forEach((statistic, i) => {
      const share = Math.abs(statistic.of(comparison).value!) / statistic.nullBound(comparison, n);
      kept[i] += share <= 1 ? 1 : 0;
      largest[i] = Math.max(largest[i], share);
    });
  }
  names.forEach((statistic, i) => {
    assert.ok(kept[i] >= 0.97 * checks, `${statistic.id}: ${kept[i]} of ${checks}`);
    const quiet = statistic.id === 'unseen_rate' || statistic.id === 'out_of_range_rate';
    assert.ok(quiet || largest[i] > 1 / 3, `${statistic.id}: at most ${largest[i]} of its bound`);
  });
});

test('ids are unique, facts are filled in, levels lie in the range', () => {
  assert.equal(new Set(STATISTICS.map((statistic) => statistic.id)).size, STATISTICS.length);
  for (const { title, short, formula, unit, source, undefinedWhen, appliesTo, bands, range } of STATISTICS) {
    assert.ok(title && short && formula && unit && source && undefinedWhen);
    assert.ok(appliesTo.length > 0);
    assert.ok(0 < bands.warn && bands.warn < bands.fail && bands.fail < range[1]);
  }
});
