import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DriftReport } from '../../src/monitor/drift/report.js';
import { random } from '../../src/random.js';
import { close, monitorReference } from '../reference/monitor.js';
import { call, cleanUp, newFolder } from './project.js';
import { asParquet, type Columns, writeCsv, writeJsonl } from './tables.js';

const ROWS = 3000;

interface Printed extends DriftReport {
  left_out: { name: string; reason: string }[];
  error?: { code: string };
}

/** A table of users' days; what is given replaces or adds columns. */
function table(seed: number, other: Columns = {}): Columns {
  const { uniform, normal } = random(seed);
  const numbers = (make: (row: number) => number | string | null) =>
    Array.from({ length: ROWS }, (_, row) => make(row));
  return {
    user_id: numbers((row) => Math.floor(row / 2) + seed * ROWS),
    email: numbers((row) => `user-${seed}-${row}@example.org`),
    as_of_date: numbers((row) => `2025-0${seed}-${String(1 + (row % 28)).padStart(2, '0')}`),
    age: numbers(() => Math.round(40 + 12 * normal())),
    minutes: numbers(() => Number((30 + 10 * normal()).toFixed(3))),
    plan: numbers(() => (uniform() < 0.3 ? 'paid' : 'free')),
    constant: numbers(() => 5),
    ...other,
  };
}

describe('drift between any two tables', () => {
  let folder: string;
  let may: string;

  /** Without a configuration anywhere above. */
  const drift = (...args: string[]) => call(folder, ['drift', ...args, '--json']);
  const against = (current: string, ...more: string[]) =>
    drift('--reference', may, '--current', current, ...more);

  before(async () => {
    folder = await newFolder();
    may = await writeCsv(folder, 'may.csv', table(5));
  });
  after(cleanUp);

  it('is OK for two samples of one world, in CSV, Parquet and JSON lines alike', async () => {
    const june = await writeCsv(folder, 'june.csv', table(6));
    const files = [
      june,
      await writeJsonl(folder, 'june.jsonl', table(6)),
      await asParquet(folder, june, 'june.parquet'),
    ];
    const reports = await Promise.all(files.map((file) => against(file)));
    for (const { code, json, err } of reports) {
      assert.equal(code, 0, err);
      const report = json<Printed>();
      assert.equal(report.status, 'OK');
      assert.deepEqual(Object.keys(report.psi_by_feature), ['age', 'minutes', 'plan', 'constant']);
      assert.deepEqual(report, reports[0].json<Printed>());
    }
  });

  it('leaves out identifiers and times with the reason, unless they are named', async () => {
    const june = await writeCsv(folder, 'june.csv', table(6));
    const { left_out } = (await against(june)).json<Printed>();
    const reasons = Object.fromEntries(left_out.map(({ name, reason }) => [name, reason]));
    assert.deepEqual(Object.keys(reasons).sort(), ['as_of_date', 'email', 'user_id']);
    assert.match(reasons.email, /distinct values .* identifier or free text/);
    assert.match(reasons.user_id, /an identifier, by its name/);
    assert.match(reasons.as_of_date, /a time moves by itself/);
    const named = await against(june, '--features', 'as_of_date,age');
    assert.equal(named.code, 2);
    assert.equal(named.json<Printed>().features.find(({ name }) => name === 'as_of_date')?.status, 'FAIL');
    const refused = await against(june, '--features', 'email');
    assert.equal(refused.code, 65);
  });

  it('counts rows of one user together when the unit is named', async () => {
    const june = await writeCsv(folder, 'june.csv', table(6));
    const report = (await against(june, '--unit', 'user_id')).json<Printed>();
    assert.equal(report.features[0].method, 'rao_scott');
    assert.deepEqual(report.features[0].units, { reference: ROWS / 2, current: ROWS / 2 });
    assert.deepEqual(report.left_out.find(({ name }) => name === 'user_id')?.reason, 'it names the unit');
    const unknown = await against(june, '--unit', 'customer');
    assert.equal(unknown.code, 65);
    assert.match(unknown.err, /"customer"/);
  });

  it('a constant column that changes is FAIL with exit code 2', async () => {
    const other = await writeCsv(folder, 'constant.csv', table(6, { constant: new Array(ROWS).fill(6) }));
    const found = await against(other, '--features', 'constant,age');
    assert.equal(found.code, 2);
    const [constant, age] = found.json<Printed>().features;
    assert.deepEqual([constant.status, age.status], ['FAIL', 'OK']);
  });

  it('explains nulls in a sentence', async () => {
    const minutes = table(6).minutes.map((value, row) => (row % 5 < 4 ? null : value));
    const other = await writeCsv(folder, 'nulls.csv', table(6, { minutes }));
    const found = await against(other, '--features', 'minutes');
    assert.equal(found.code, 2);
    const [feature] = found.json<Printed>().features;
    assert.equal(feature.nulls.current, 0.8 * ROWS);
    assert.match(feature.because, /80.*% of minutes .*null/);
    const cause = feature.parts.toSorted((a, b) => b.psi - a.psi)[0].cause;
    assert.equal(cause, 'nulls');
  });

  it('names a value that the reference does not have', async () => {
    const plan = table(6).plan.map((value, row) => (row % 4 === 0 ? 'premium' : value));
    const found = await against(
      await writeCsv(folder, 'plans.csv', table(6, { plan })),
      '--features',
      'plan',
    );
    assert.equal(found.code, 2);
    assert.match(found.json<Printed>().features[0].because, /"premium"/);
  });

  it('too few rows are INSUFFICIENT (3), or 0 when that is allowed', async () => {
    const few = Object.fromEntries(
      Object.entries(table(6)).map(([name, values]) => [name, values.slice(0, 12)]),
    );
    const small = await writeCsv(folder, 'few.csv', few);
    const found = await against(small);
    assert.equal(found.code, 3);
    assert.equal(found.json<Printed>().status, 'INSUFFICIENT');
    assert.equal((await against(small, '--insufficient', 'ok')).code, 0);
  });

  it('refuses columns that are missing or of another type, files that are empty, broken or not there', async () => {
    const { plan: _, ...rest } = table(6);
    const cases: [what: string, path: string, code: number, error: string][] = [
      ['missing column', await writeCsv(folder, 'less.csv', rest), 65, 'data.column_missing'],
      [
        'text for numbers',
        await writeCsv(folder, 'text.csv', table(6, { age: table(6).plan })),
        65,
        'data.column_type',
      ],
      ['header only', await writeCsv(folder, 'header.csv', { age: [], plan: [] }), 65, 'data.empty'],
      ['no file', join(folder, 'nowhere.csv'), 66, 'input.missing'],
      ['unknown ending', join(folder, 'may.xlsx'), 64, 'usage.invalid'],
    ];
    await writeFile(join(folder, 'empty.csv'), '');
    const whole = await readFile(await asParquet(folder, may, 'whole.parquet'));
    await writeFile(join(folder, 'broken.parquet'), whole.subarray(0, whole.length / 2));
    cases.push(['empty file', join(folder, 'empty.csv'), 65, 'data.empty']);
    cases.push(['broken Parquet', join(folder, 'broken.parquet'), 65, 'input.unreadable']);
    for (const [what, path, code, error] of cases) {
      const found = await against(path);
      assert.equal(found.code, code, `${what}: ${found.err}`);
      assert.equal(found.json<Printed>().error?.code, error, what);
    }
    const unknown = await against(may, '--features', 'age,height');
    assert.equal(unknown.code, 65);
    assert.match(unknown.err, /"height" in/);
  });

  it('needs both tables, and refuses options that mean the project', async () => {
    assert.equal((await drift('--reference', may)).code, 64);
    assert.equal((await drift('--current', may)).code, 64);
    const both = await against(may, '--refresh', '--at', '2025-06-01');
    assert.equal(both.code, 64);
    assert.match(both.err, /--at and --refresh only without --reference/);
  });

  it('gives the numbers of the described system (numpy) with --compat section-12', async () => {
    for (const each of monitorReference().section_12.filter(({ reference }) => reference.length > 1)) {
      const reference = await writeCsv(folder, 'reference.csv', {
        value: each.reference,
        row: each.reference.map(() => 1),
      });
      const current = await writeCsv(folder, 'current.csv', {
        value: each.current,
        row: each.current.map(() => 1),
      });
      const found = await drift(
        '--reference',
        reference,
        '--current',
        current,
        '--features',
        'value',
        '--compat',
        'section-12',
      );
      const { psi_by_feature, overall_max_psi } = found.json<Printed>();
      close(psi_by_feature.value as number, each.psi, 1e-9, each.name);
      assert.equal(overall_max_psi, psi_by_feature.value);
    }
  });

  it('judges by the statistic that is asked for, and names those that there are', async () => {
    const moved = await writeCsv(folder, 'moved.csv', table(6, { minutes: table(6).age }));
    const found = await against(moved, '--statistic', 'wasserstein', '--features', 'minutes,plan');
    assert.equal(found.code, 2, found.err);
    const [minutes, plan] = found.json<Printed>().features;
    assert.deepEqual([minutes.statistic, minutes.status, plan.statistic], ['wasserstein', 'FAIL', 'psi']);
    assert.ok(minutes.value! > 0.8 && minutes.in_units! > 8 && minutes.error! < 0.2, JSON.stringify(minutes));
    const wrong = await against(moved, '--statistic', 'ks');
    assert.equal(wrong.code, 64);
    assert.match(wrong.err, /psi \| jensen_shannon.*got "ks"/);
  });

  it("gives Evidently's and NannyML's verdicts when asked to", async () => {
    const moved = await writeCsv(folder, 'moved.csv', table(6, { minutes: table(6).age }));
    const theirs = await against(moved, '--compat', 'evidently', '--features', 'minutes,plan');
    assert.equal(theirs.code, 2, theirs.err);
    const [minutes, plan] = theirs.json<Printed>().features;
    assert.deepEqual([minutes.statistic, minutes.status, minutes.levels.fail], ['wasserstein', 'FAIL', 0.1]);
    assert.deepEqual([plan.statistic, plan.status, plan.psi], ['jensenshannon', 'OK', null]);
    const named = await against(moved, '--compat', 'evidently', '--features', 'minutes', '--statistic', 'ks');
    assert.ok(named.json<Printed>().features[0].p_value! < 1e-6);
    const chunked = await against(moved, '--compat', 'nannyml', '--features', 'minutes');
    assert.equal(chunked.json<Printed>().features[0].chunks?.filter(({ alert }) => alert).length, 10);
    const unknown = await against(moved, '--compat', 'nannyml', '--statistic', 'psi');
    assert.equal(unknown.code, 64);
    assert.match(unknown.err, /jensen_shannon \| kolmogorov_smirnov.*got "psi"/);
  });

  it('reads columns of a CSV as what all their rows are, wherever the first value or fraction stands', async () => {
    const rows = 30_000;
    const late = (value: (row: number) => string | number | null) =>
      Array.from({ length: rows }, (_, row) => value(row));
    const file = (name: string, last: number) =>
      writeCsv(folder, name, {
        fraction: late((row) => (row === rows - 1 ? 0.5 : row % 50)),
        empty: late((row) => (row < 25_000 ? null : (row % 90) + last)),
        word: late((row) => (row === rows - 1 ? 'x' : String(row % 3))),
      });
    const [a, b] = [await file('late a.csv', 0), await file('late b.csv', 1000)];
    const found = await drift('--reference', a, '--current', b);
    assert.equal(found.code, 2, found.err);
    const kinds = found.json<Printed>().features.map(({ name, kind, status }) => [name, kind, status]);
    assert.deepEqual(kinds, [
      ['fraction', 'numeric', 'OK'],
      ['empty', 'numeric', 'FAIL'],
      ['word', 'categorical', 'OK'],
    ]);
  });

  it('says so when no column can be watched', async () => {
    const ids = await writeCsv(folder, 'ids.csv', { user_id: table(5).user_id });
    const found = await drift('--reference', ids, '--current', ids);
    assert.equal(found.code, 65);
    assert.match(found.err, /a column that can be watched; got user_id: an identifier/);
  });
});
