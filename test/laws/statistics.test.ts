import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CellPair, pairCells } from '../../src/monitor/drift/cells.js';
import { STATISTICS } from '../../src/monitor/drift/index.js';
import { numericBins } from '../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../src/monitor/profile/count.js';
import { random } from '../../src/random.js';

const cells = fc.array(fc.tuple(fc.nat(400), fc.nat(400)), { maxLength: 12 }).map((list) =>
  list
    .map(
      ([reference, current], index): CellPair => ({
        label: `${index}`,
        kind: 'bin',
        reference,
        current,
        index,
      }),
    )
    .filter((cell) => cell.reference + cell.current > 0),
);

for (const statistic of STATISTICS) {
  test(`${statistic.id}: in range, null with a reason exactly when a window has no rows`, () => {
    fc.assert(
      fc.property(cells, (pairs) => {
        const { value, reason } = statistic.of(pairs);
        const rows = (side: 'reference' | 'current') => pairs.some((cell) => cell[side] > 0);
        assert.equal(value !== null, rows('reference') && rows('current'));
        assert.ok(
          value === null ? reason!.length > 0 : value >= statistic.range[0] && value <= statistic.range[1],
        );
      }),
    );
  });

  test(`${statistic.id}: identical windows give 0`, () => {
    fc.assert(
      fc.property(cells, (pairs) => {
        const same = pairs
          .filter((cell) => cell.reference > 0)
          .map((cell) => ({ ...cell, current: cell.reference }));
        assert.equal(statistic.of(same).value, same.length === 0 ? null : 0);
      }),
    );
  });

  test(`${statistic.id}: the order of cells does not matter, inputs are left alone`, () => {
    fc.assert(
      fc.property(cells, (pairs) => {
        const before = structuredClone(pairs);
        const { value } = statistic.of(pairs);
        assert.deepEqual(pairs, before);
        const turned = statistic.of([...pairs].reverse()).value;
        assert.ok(value === null ? turned === null : Math.abs(turned! - value) < 1e-12 * Math.max(1, value));
      }),
    );
  });

  test(`${statistic.id}: half a million rows work`, () => {
    const chance = random('half a million');
    const values = (shift: number) => Float64Array.from({ length: 500_000 }, () => chance.normal() + shift);
    const reference = values(0);
    const bins = numericBins(reference);
    const at = (shift: number) =>
      statistic.of(
        pairCells(profileOfValues('x', bins, reference), profileOfValues('x', bins, values(shift))),
      ).value!;
    const [near, far] = [at(0.05), at(0.5)];
    assert.ok(near >= 0 && far > near);
  });
}

test('ids are unique and facts are filled in', () => {
  assert.equal(new Set(STATISTICS.map((statistic) => statistic.id)).size, STATISTICS.length);
  for (const statistic of STATISTICS) {
    assert.ok(statistic.title && statistic.formula && statistic.source && statistic.undefinedWhen);
    assert.ok(statistic.appliesTo.length > 0);
  }
});
