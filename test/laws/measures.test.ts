import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MEASURES, THRESHOLD_MEASURES } from '../../src/monitor/performance/index.js';
import { random } from '../../src/random.js';

const row = fc.record({
  label: fc.constantFrom(0, 1),
  score: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.1, 0.5, 1)),
  weight: fc.constantFrom(0, 0.5, 1, 3),
});
const rows = fc.array(row, { maxLength: 60 });
type Row = { label: number; score: number; weight: number };

const labelsOf = (list: readonly Row[]) => Uint8Array.from(list, ({ label }) => label);
const scoresOf = (list: readonly Row[]) => Float64Array.from(list, ({ score }) => score);
const weightsOf = (list: readonly Row[]) => Float64Array.from(list, ({ weight }) => weight);

for (const measure of MEASURES) {
  const of = (list: readonly Row[]) => measure.of(labelsOf(list), scoresOf(list), weightsOf(list));

  test(`${measure.id}: in range, or null with a reason exactly where declared`, () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { value, reason } = of(list);
        const holds = (label: number) => list.some((each) => each.label === label && each.weight > 0);
        const defined = {
          rows: holds(0) || holds(1),
          positives: holds(1),
          both_classes: holds(0) && holds(1),
        };
        assert.equal(value !== null, defined[measure.needs]);
        if (value === null) {
          assert.ok(reason!.length > 0);
        } else {
          assert.ok(value >= measure.range[0] - 1e-12 && value <= measure.range[1] + 1e-12, String(value));
        }
      }),
    );
  });

  test(`${measure.id}: the order of rows does not matter, inputs are left alone`, () => {
    fc.assert(
      fc.property(rows, (list) => {
        const [labels, scores, weights] = [labelsOf(list), scoresOf(list), weightsOf(list)];
        const { value } = measure.of(labels, scores, weights);
        assert.deepEqual([labels, scores, weights], [labelsOf(list), scoresOf(list), weightsOf(list)]);
        const turned = of([...list].reverse()).value;
        assert.ok(value === null ? turned === null : Math.abs(turned! - value) < 1e-9);
      }),
    );
  });

  test(`${measure.id}: weights of 1 change nothing, rows of weight 0 are ignored`, () => {
    fc.assert(
      fc.property(rows, (list) => {
        const plain = measure.of(labelsOf(list), scoresOf(list)).value;
        const ones = of(list.map((each) => ({ ...each, weight: 1 }))).value;
        assert.ok(plain === null ? ones === null : Math.abs(ones! - plain) < 1e-9);
        const counted = of(list.filter((each) => each.weight > 0)).value;
        const all = of(list).value;
        assert.ok(all === null ? counted === null : Math.abs(counted! - all) < 1e-9);
      }),
    );
  });

  test(`${measure.id}: half a million rows work, in both precisions`, () => {
    const chance = random('half a million');
    const n = 500_000;
    const labels = new Uint8Array(n);
    const scores = Float32Array.from({ length: n }, (_, i) => {
      const score = chance.uniform();
      labels[i] = chance.uniform() < score ? 1 : 0;
      return score;
    });
    const single = measure.of(labels, scores).value!;
    assert.ok(Number.isFinite(single));
    assert.equal(measure.of(labels, Float64Array.from(scores)).value, single);
  });

  test(`${measure.id}: bad input is refused`, () => {
    const bad: [number[], number[], number[]?][] = [
      [[0, 1], [0.5]],
      [
        [0, 2],
        [0.5, 0.5],
      ],
      [
        [0, 1],
        [0.5, Number.NaN],
      ],
      [
        [0, 1],
        [0.5, 0.5],
        [1, -1],
      ],
      [[0, 1], [0.5, 0.5], [1]],
    ];
    for (const [labels, scores, weights] of bad) {
      const given = weights && Float64Array.from(weights);
      assert.throws(() => measure.of(Uint8Array.from(labels), Float64Array.from(scores), given), {
        code: 'data.invalid',
      });
    }
    const beyond = () => measure.of(Uint8Array.from([0, 1]), Float64Array.from([-3, 4]));
    if (measure.probabilities) {
      assert.throws(beyond, { code: 'data.invalid' });
    } else {
      assert.equal(beyond().value, 1);
    }
  });
}

const cell = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 1e-3, max: 1e6, noNaN: true }));
const cells = fc.record({
  truePositives: cell,
  falsePositives: cell,
  falseNegatives: cell,
  trueNegatives: cell,
});

for (const measure of THRESHOLD_MEASURES) {
  test(`${measure.id}: in range, or null with a reason; only shares count; best when nothing is wrong`, () => {
    fc.assert(
      fc.property(cells, fc.constantFrom(0.5, 2, 8), (counts, factor) => {
        const { value, reason } = measure.of(counts);
        if (value === null) {
          assert.ok(reason!.length > 0);
          return;
        }
        assert.ok(value >= measure.range[0] && value <= measure.range[1] + 1e-12, String(value));
        const all = Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, n * factor]));
        const again = measure.of(all as unknown as typeof counts).value!;
        assert.ok(Math.abs(again - value) <= 1e-9 * Math.max(1, value));
        const right = measure.of({ ...counts, falsePositives: 0, falseNegatives: 0 }).value;
        assert.ok(right === null || right >= value - 1e-9 || measure.id === 'lift');
      }),
    );
  });
}

test('ids are unique and facts are filled in', () => {
  const all = [...MEASURES, ...THRESHOLD_MEASURES];
  assert.equal(new Set(all.map((measure) => measure.id)).size, all.length);
  for (const measure of all) {
    assert.ok(measure.title && measure.source && measure.undefinedWhen);
  }
});
