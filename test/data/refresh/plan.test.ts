import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { daysAround, planOf, spansOf, spansText } from '../../../src/data/refresh/plan.js';
import type { DaysVersion, TableState } from '../../../src/data/refresh/table-state.js';
import { dayOfNumber } from '../../../src/time.js';

const FIRST = 20_000;

const version = (days: string[], id = 'u1', grown_from: string[] = []): DaysVersion => ({
  users: { id, grown_from },
  first: FIRST,
  days,
});

const state = (inputs: DaysVersion): TableState => ({ settings: 's', files: null, inputs, outputs: inputs });

describe('the plan for a table', () => {
  const old = state(version(['a', 'b', 'c']));

  it('leaves alone what is made of the same, and names the days that differ', () => {
    const plan = (inputs: DaysVersion | null, settings = 's') => planOf(old, { settings, inputs });
    assert.deepEqual(plan(version(['a', 'b', 'c'])), { kind: 'skip', why: 'nothing changed' });
    assert.deepEqual(plan(version(['a', 'x', 'c', 'd'])), {
      kind: 'days',
      changed: [FIRST + 1, FIRST + 3],
      newUsers: false,
      why: `new or changed: ${dayOfNumber(FIRST + 1)}, ${dayOfNumber(FIRST + 3)}`,
    });
    assert.deepEqual(plan(version(['a', 'b', 'c'], 'u2', ['u1', 'u0'])), {
      kind: 'days',
      changed: [],
      newUsers: true,
      why: 'new users',
    });
  });

  it('makes the table whole where it cannot tell', () => {
    const whys: [TableState | null, DaysVersion | null, string, RegExp][] = [
      [null, version(['a']), 's', /no table with a record/],
      [old, null, 's', /its input has no record/],
      [old, version(['a', 'b', 'c']), 't', /settings/],
      [old, version(['a', 'b', 'c'], 'u2'), 's', /users/],
      [old, version(['a', 'b', 'c'], ''), 's', /users/],
      [state(version(['a'], '')), version(['a'], ''), 's', /users/],
      [old, version(['a', 'b']), 's', /days begin or end/],
      [old, { ...version(['a', 'b', 'c']), first: FIRST - 1 }, 's', /days begin or end/],
    ];
    for (const [before, inputs, settings, why] of whys) {
      const plan = planOf(before, { settings, inputs });
      assert.equal(plan.kind, 'whole');
      assert.match(plan.why, why);
    }
    assert.equal(planOf(old, { settings: 's', inputs: old.inputs }, 'all').kind, 'whole');
  });

  it('makes days anew that are asked for, as far as they are there', () => {
    const ask = (from: number, to: number) =>
      planOf(old, { settings: 's', inputs: old.inputs }, { from: dayOfNumber(from), to: dayOfNumber(to) });
    assert.deepEqual((ask(FIRST + 1, FIRST + 9) as { changed: number[] }).changed, [FIRST + 1, FIRST + 2]);
    assert.deepEqual(ask(FIRST + 9, FIRST + 12), {
      kind: 'skip',
      why: 'none of the days asked for is there',
    });
  });
});

describe('days', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 8 });
  const reach = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(9));

  it('around others are those within reach, in order', () => {
    fc.assert(
      fc.property(numbers, reach, (days, [from, more]) => {
        const to = from + more;
        const expected = Array.from({ length: 41 }, (_, i) => 10 + i).filter((day) =>
          days.some((other) => day >= other + from && day <= other + to),
        );
        assert.deepEqual(daysAround(days, { from, to }, { first: 10, last: 50 }), expected);
      }),
    );
  });

  it('make spans that hold the same days', () => {
    fc.assert(
      fc.property(numbers, (days) => {
        const sorted = days.toSorted((a, b) => a - b);
        const spans = spansOf(sorted);
        const back = sorted.filter((day) =>
          spans.some(({ from, to }) => dayOfNumber(day) >= from && dayOfNumber(day) <= to),
        );
        assert.deepEqual(back, sorted);
        assert.ok(spans.length <= sorted.length);
      }),
    );
    assert.equal(spansText([1, 3, 4, 6, 8]), '1970-01-02, 1970-01-04 to 1970-01-05, 1970-01-07 and 1 more');
  });
});
