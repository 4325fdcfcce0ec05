import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ID_LENGTH, idMaker, idsBeginning } from '../../src/history/run-id.js';

const anyTime = fc.date({
  min: new Date(0),
  max: new Date('3000-01-01T00:00:00Z'),
  noInvalidDate: true,
});

it('makes ids that sort by time, then by making', () => {
  fc.assert(
    fc.property(fc.array(anyTime, { minLength: 2, maxLength: 30 }), fc.nat(), (times, seed) => {
      const newId = idMaker((bound) => seed % bound);
      const ordered = times.toSorted((a, b) => a.getTime() - b.getTime());
      const ids = ordered.flatMap((time) => [newId(time), newId(time)]);
      assert.deepEqual(ids.toSorted(), ids);
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(ids.every((id) => id.length === ID_LENGTH));
    }),
  );
});

it('finds an id in the range of every beginning of it, and in no other of the same length', () => {
  fc.assert(
    fc.property(anyTime, anyTime, fc.integer({ min: 1, max: ID_LENGTH }), (one, two, length) => {
      const newId = idMaker(() => 12345);
      const [a, b] = [newId(one), newId(two)];
      const range = idsBeginning(a.slice(0, length));
      assert.ok(range && range.first <= a && a <= range.last);
      assert.equal(range.first <= b && b <= range.last, b.startsWith(a.slice(0, length)));
    }),
  );
});

it('knows what no id begins with', () => {
  for (const text of ['', 'i', 'u', '0-0', '0'.repeat(ID_LENGTH + 1), '%', ' 0']) {
    assert.equal(idsBeginning(text), null, text);
  }
});
