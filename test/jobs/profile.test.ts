import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DriftReport } from '../../src/monitor/drift/report.js';
import type { TableProfile } from '../../src/monitor/profile/profile.js';
import { random } from '../../src/random.js';
import { call, cleanUp, newFolder } from './project.js';
import { type Columns, writeCsv } from './tables.js';

function table(seed: number, other: Columns = {}): Columns {
  const { uniform, normal } = random(seed);
  const list = (make: (row: number) => string | number | boolean) =>
    Array.from({ length: 2000 }, (_, row) => make(row));
  return {
    user_id: list((row) => Math.floor(row / 2)),
    age: list(() => Math.round(40 + 12 * normal())),
    paid: list(() => uniform() < 0.3),
    plan: list((row) => (row < 5 ? 'secret' : uniform() < 0.4 ? 'gold' : 'free')),
    since: list((row) => `2025-0${1 + (row % 6)}-1${row % 10}`),
    email: list((row) => `user-${row}@example.org`),
    ...other,
  };
}

describe('profile', () => {
  let folder: string;
  let may: string;
  before(async () => {
    folder = await newFolder();
    may = await writeCsv(folder, 'may.csv', table(5));
  });
  after(cleanUp);

  it('counts every kind of column of any table, and refuses identifiers with a reason', async () => {
    const found = await call(folder, ['profile', may, '--out', 'may.json', '--json']);
    assert.equal(found.code, 0, found.err);
    const profile = JSON.parse(await readFile(join(folder, 'may.json'), 'utf8')) as TableProfile;
    assert.deepEqual(
      profile.columns.map(({ name, type }) => [name, type]),
      [
        ['age', 'number'],
        ['paid', 'boolean'],
        ['plan', 'text'],
        ['since', 'date'],
      ],
    );
    const { left_out } = found.json<{ left_out: { name: string; reason: string }[] }>();
    assert.deepEqual(left_out.map(({ name }) => name).sort(), ['email', 'user_id']);
    assert.ok((await readFile(join(folder, 'may.json'), 'utf8')).includes('secret'));
  });

  it('is a reference for drift: the same verdicts as from the table itself', async () => {
    await call(folder, ['profile', may, '--unit', 'user_id', '--out', 'by-unit.json']);
    const june = await writeCsv(folder, 'june.csv', table(6, { age: table(6).user_id }));
    const drift = async (reference: string) =>
      (
        await call(folder, [
          'drift',
          '--reference',
          reference,
          '--current',
          june,
          '--features',
          'age,paid,plan',
          '--unit',
          'user_id',
          '--json',
        ])
      ).json<DriftReport>();
    const [saved, direct] = [await drift('by-unit.json'), await drift(may)];
    assert.equal(saved.status, 'FAIL');
    assert.deepEqual(saved, direct);
    const without = await call(folder, [
      'drift',
      '--reference',
      'may.json',
      '--current',
      june,
      '--unit',
      'user_id',
    ]);
    assert.equal(without.code, 65);
    assert.match(without.err, /counts by unit in .*may\.json/);
    const missing = await call(folder, [
      'drift',
      '--reference',
      'by-unit.json',
      '--current',
      june,
      '--features',
      'salary',
    ]);
    assert.equal(missing.code, 65);
    const compat = await call(folder, [
      'drift',
      '--reference',
      'by-unit.json',
      '--current',
      june,
      '--compat',
      'evidently',
    ]);
    assert.equal(compat.code, 64);
  });

  it('drops the names of rare categories when asked to', async () => {
    await call(folder, ['profile', may, '--least-rows', '20', '--out', 'private.json']);
    assert.ok(!(await readFile(join(folder, 'private.json'), 'utf8')).includes('secret'));
  });

  it('draws a profile', async () => {
    const drawn = await call(folder, ['profile', 'show', 'may.json']);
    assert.equal(drawn.code, 0, drawn.err);
    assert.match(drawn.out, /2,000 rows, 4 columns/);
    assert.match(drawn.out, /plan +text, no nulls, 3 categories/);
    assert.match(drawn.out, /free +\d+\.\d % +█/);
    assert.match(drawn.out, /since +date, no nulls, 2025-01-1\d to 2025-06-1\d/);
    assert.match(drawn.out, /2025-0\d-\d\d to 2025-0\d-\d\d/);
    assert.equal((await call(folder, ['profile', may])).out.includes('mean'), true);
  });

  it('says in one line what is wrong', async () => {
    await writeFile(join(folder, 'broken.json'), '{"schema": 1, "columns": [{}]}');
    await writeFile(join(folder, 'newer.json'), '{"schema": 2, "columns": []}');
    for (const [args, code, message] of [
      [['profile', 'gone.csv'], 66, /nothing there/],
      [['profile', 'show'], 64, /profile show PROFILE\.json/],
      [['profile', 'show', 'broken.json'], 65, /a column without name or bins/],
      [['profile', 'show', 'newer.json'], 65, /schema 1 .* got schema 2/],
      [['profile', may, 'other.csv'], 64, /one table/],
      [['profile', may, '--features', 'email'], 65, /identifier/],
      [['drift', '--reference', 'newer.json', '--current', may], 65, /schema 2/],
    ] as [string[], number, RegExp][]) {
      const found = await call(folder, args);
      assert.equal(found.code, code, `${args.join(' ')}: ${found.err}`);
      assert.match(found.err, message);
      assert.equal(found.err.trim().split('\n').length, 1);
    }
  });
});
