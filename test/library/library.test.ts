import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createContext, Script } from 'node:vm';
import { drift, profile, readProfile, STATISTICS } from 'churn-mlops';
import { build } from 'esbuild';
import fc from 'fast-check';
import { md5FirstByte } from '../../src/maths/md5.js';
import { random } from '../../src/random.js';

/** A table with a column of every kind; users have two rows each. */
function table(seed: number, shift: number) {
  const { normal, uniform } = random(seed);
  const list = <T>(make: (row: number) => T) => Array.from({ length: 3000 }, (_, row) => make(row));
  return {
    user: list((row) => `user ${row >> 1}`),
    minutes: Float64Array.from(list(() => 30 + 10 * normal() + shift)),
    visits: list(() => (uniform() < 0.05 ? null : Math.floor(uniform() * 5))),
    plan: list(() => (uniform() < 0.3 ? 'paid' : 'free')),
    paid: list(() => uniform() < 0.4),
    since: list((row) => new Date(Date.UTC(2025, 0, 1 + (row % 90), 13))),
    email: list((row) => `${seed}-${row}@example.org`),
  };
}

test('columns in, profile out; two profiles in, report out', () => {
  const reference = profile(table(1, 0), { unit: 'user' });
  assert.deepEqual(
    reference.columns.map(({ name, type }) => [name, type]),
    [
      ['minutes', 'number'],
      ['visits', 'number'],
      ['plan', 'text'],
      ['paid', 'boolean'],
      ['since', 'date'],
    ],
  );
  assert.deepEqual(
    reference.left_out?.map(({ name }) => name),
    ['email'],
  );
  assert.equal(reference.units, 1500);
  const saved = readProfile(JSON.parse(JSON.stringify(reference)), 'memory');
  const same = drift(saved, profile(table(2, 0), { reference: saved, unit: 'user' }));
  assert.equal(same.status, 'OK');
  const moved = drift(saved, profile(table(3, 12), { reference: saved, unit: 'user' }));
  assert.equal(moved.status, 'FAIL');
  assert.match(moved.features[0].because, /^minutes: values moved up/);
  assert.equal(moved.features[0].method, 'rao_scott');
  const chosen = drift(saved, profile(table(3, 12), { reference: saved, unit: 'user' }), {
    statistic: 'wasserstein',
  });
  assert.ok(Math.abs(chosen.features[0].in_units! - 12) < 1);
});

test('what does not fit is refused with a code', () => {
  const reference = profile({ x: [1, 2, 3], plan: ['a', 'b', 'a'] });
  assert.throws(() => profile({ x: [1, 2] }, { reference }), { code: 'data.column_missing' });
  assert.throws(() => profile({ x: ['1'], plan: ['a'] }, { reference }), { code: 'data.column_type' });
  assert.throws(() => profile({ x: [1, 'a'] }), { code: 'data.column_type' });
  assert.throws(() => profile({ x: [1], y: [1, 2] }), { code: 'data.invalid' });
  assert.throws(() => drift(reference, profile({ x: [1], plan: ['a'] })), { code: 'model.mismatch' });
  assert.equal(drift(profile({}), profile({})).status, 'INSUFFICIENT');
  assert.equal(profile({ x: [null, undefined, Number.NaN, 1n] }).columns[0].nulls, 3);
});

test('unit groups are those of SQL: the first byte of the MD5', () => {
  const first = (text: string) => createHash('md5').update(text).digest()[0];
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      (text) => md5FirstByte(text) === first(text),
    ),
    { numRuns: 500 },
  );
  for (const length of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 200]) {
    assert.equal(md5FirstByte('x'.repeat(length)), first('x'.repeat(length)), `${length}`);
  }
});

test('bundled for a browser it needs nothing but the language, and says the same', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export * from 'churn-mlops'", resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'churn',
    write: false,
  });
  const [{ text }] = outputFiles;
  assert.ok(text.length < 120_000, `${text.length} bytes`);
  const columns = (seed: number, shift: number) => {
    const { minutes, plan, user } = table(seed, shift);
    return { minutes: Array.from(minutes), plan, user };
  };
  // A bare context has no process, no Buffer, no timers, no URL.
  const context = createContext({ before: columns(1, 0), after: columns(2, 5) });
  new Script(`${text}; var churn = churn;`).runInContext(context);
  const found = new Script(`
    const reference = churn.profile(before, { unit: 'user' });
    JSON.stringify(churn.drift(reference, churn.profile(after, { reference, unit: 'user' })));
  `).runInContext(context) as string;
  const reference = profile(columns(1, 0), { unit: 'user' });
  const expected = drift(reference, profile(columns(2, 5), { reference, unit: 'user' }));
  assert.equal(found, JSON.stringify(expected));
  assert.equal(STATISTICS.length, 13);
});
