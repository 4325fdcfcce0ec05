import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Engine } from '../../src/data/engine/engine.js';
import { raw, type Sql, sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import type { DriftReport } from '../../src/monitor/drift/report.js';
import { openTestEngine, SHARED, WITHOUT_SHARED } from '../data/project.js';
import { call, cleanUp, newFolder } from './project.js';

describe('real data', { skip: WITHOUT_SHARED }, () => {
  let folder: string;
  let engine: Engine;

  before(async () => {
    folder = await newFolder();
    engine = await openTestEngine(join(folder, '.spill'));
  });
  after(async () => {
    await engine.close();
    await cleanUp();
  });

  const shared = (name: string) => readTable(engine, join(SHARED, 'static', name));

  /** The check of two queries against each other. */
  async function between(name: string, reference: Sql, current: Sql, code: number): Promise<DriftReport> {
    const [a, b] = [join(folder, `${name} a.parquet`), join(folder, `${name} b.parquet`)];
    await engine.write(reference, a, 'parquet');
    await engine.write(current, b, 'parquet');
    const found = await call(folder, ['drift', '--reference', a, '--current', b, '--json']);
    assert.equal(found.code, code, `${name}: ${found.err}`);
    return found.json<DriftReport>();
  }

  const drifted = ({ features }: DriftReport) =>
    features.filter(({ status }) => status !== 'OK').map(({ name }) => name);

  /** Two halves of the rows, by chance that a seed fixes. */
  async function halves(name: string, query: Sql, seed: number): Promise<void> {
    const half = (part: number) =>
      sql`SELECT * EXCLUDE (place) FROM (SELECT *, row_number() OVER () AS place FROM (${query}) AS whole) AS placed WHERE hash(place + ${raw(String(1e6 * seed))}) % 2 = ${raw(String(part))}`;
    const report = await between(`${name} halves ${seed}`, half(0), half(1), 0);
    assert.deepEqual([report.status, drifted(report)], ['OK', []], name);
  }

  it('finds the second year of bike sharing, and not one half of it in the other', async () => {
    const year = (number: number) =>
      sql`SELECT * EXCLUDE (year) FROM ${shared('bike_sharing_hourly.csv')} WHERE year = ${raw(String(number))}`;
    const report = await between('bikes', year(2011), year(2012), 2);
    assert.equal(report.status, 'FAIL');
    assert.deepEqual(drifted(report).sort(), ['count', 'registered']);
    assert.match(report.features.find(({ name }) => name === 'count')!.because, /values moved up/);
    for (const seed of [1, 2]) {
      await halves('bikes', year(2011), seed);
    }
  });

  it('finds white wine among red, and not one half of white in the other', async () => {
    const [red, white] = [shared('wine_red.csv'), shared('wine_white.csv')];
    const report = await between('wine', sql`SELECT * FROM ${red}`, sql`SELECT * FROM ${white}`, 2);
    assert.ok(
      drifted(report).includes('total sulfur dioxide') && drifted(report).length >= 8,
      drifted(report).join(),
    );
    for (const seed of [1, 2]) {
      await halves('wine', sql`SELECT * FROM ${white}`, seed);
    }
  });

  it('finds the groups of adult, and not one half in the other', async () => {
    const adult = shared('adult.parquet');
    const group = (sex: string) =>
      sql`SELECT * EXCLUDE (sex) FROM ${adult} WHERE trim(CAST(sex AS VARCHAR)) = ${sex}`;
    const report = await between('adult', group('Male'), group('Female'), 2);
    assert.ok(
      ['relationship', 'marital-status', 'occupation'].every((name) => drifted(report).includes(name)),
      drifted(report).join(),
    );
    for (const seed of [1, 2]) {
      await halves('adult', sql`SELECT * FROM ${adult}`, seed);
    }
  });
});
