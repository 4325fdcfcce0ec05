import assert from 'node:assert/strict';
import type { Row } from '../project.js';

const byUserAndDay = (a: Row, b: Row) =>
  compare(String(a.user_id), String(b.user_id)) || compare(String(a.as_of_date), String(b.as_of_date));

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Fails on the first cell that differs: numbers beyond `tolerance` relative to the larger, anything else at all. */
export function assertSameTable(found: readonly Row[], expected: readonly Row[], tolerance = 1e-9): void {
  assert.equal(found.length, expected.length, 'number of rows');
  const [ours, theirs] = [[...found].sort(byUserAndDay), [...expected].sort(byUserAndDay)];
  theirs.forEach((row, i) => {
    const where = `user ${row.user_id} on ${row.as_of_date}`;
    assert.deepEqual(Object.keys(ours[i]).sort(), Object.keys(row).sort(), `columns of ${where}`);
    for (const [name, value] of Object.entries(row)) {
      const mine = ours[i][name];
      const same =
        typeof value === 'number' && typeof mine === 'number'
          ? Math.abs(mine - value) <= tolerance * Math.max(1, Math.abs(value))
          : mine === value;
      assert.ok(same, `${name} of ${where}: expected ${value}, got ${mine}`);
    }
  });
}
