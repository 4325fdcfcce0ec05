import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { duckdbDialect } from '../../../src/data/engine/duckdb-dialect.js';
import type { Engine } from '../../../src/data/engine/engine.js';
import { raw, sql } from '../../../src/data/engine/sql.js';
import { integerRange, readFooter } from '../../../src/data/parquet/footer.js';
import { mergeRowGroups, stampKeyValues } from '../../../src/data/parquet/merge-row-groups.js';
import { useTestEngine } from '../project.js';
import { writeGroups } from './groups.js';

describe('row groups of several files in one', () => {
  let folder: string;
  let engine: Engine;
  useTestEngine('churn-groups-', (opened, ofTests) => {
    engine = opened;
    folder = ofTests;
  });

  const rowsOf = (path: string, where = 'TRUE') =>
    engine.rows<Record<string, unknown>>(
      sql`SELECT * FROM read_parquet(${raw(duckdbDialect.quoteText(path))}) WHERE ${raw(where)} ORDER BY id`,
    );

  it('holds the rows of the chosen groups, also for a filter that prunes by statistics', async () => {
    const files = [0, 1, 2].map((i) => join(folder, `part-${i}.parquet`));
    for (const [i, file] of files.entries()) {
      await writeGroups(engine, file, { first: i * 10_000, rows: 9000, days: 12, from: 20_000 + 12 * i });
    }
    const footers = await Promise.all(files.map(readFooter));
    const places = footers.flatMap((footer, file) => footer.groups.map((_, group) => ({ file, group })));
    assert.ok(places.length >= 12);
    const target = join(folder, 'merged.parquet');
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(places, { minLength: 1 }), async (chosen) => {
        const pieces = chosen.map(({ file, group }) => ({
          path: files[file],
          footer: footers[file],
          groups: [footers[file].groups[group]],
        }));
        await mergeRowGroups(target, pieces, new Map([['k', 'v']]));
        const merged = await readFooter(target);
        assert.equal(merged.groups.length, chosen.length);
        assert.equal(merged.keyValues.get('k'), 'v');
        const expected: unknown[] = [];
        for (const { file, group } of [...chosen].sort((a, b) => a.file - b.file || a.group - b.group)) {
          const start = footers[file].groups.slice(0, group).reduce((sum, { rows }) => sum + rows, 0);
          const first = file * 10_000 + start;
          expected.push(
            ...(await rowsOf(
              files[file],
              `id >= ${first} AND id < ${first + footers[file].groups[group].rows}`,
            )),
          );
        }
        assert.deepEqual(await rowsOf(target), expected);
        const range = integerRange(merged.groups[0], 'as_of_date') as { min: number; max: number };
        const day = `as_of_date = DATE '1970-01-01' + ${range.max}`;
        const filtered = await rowsOf(target, day);
        assert.ok(filtered.length > 0);
        assert.deepEqual(
          filtered,
          (expected as { as_of_date: string; name: string }[]).filter(
            (row) => row.as_of_date === filtered[0].as_of_date,
          ),
        );
        assert.deepEqual(
          await rowsOf(target, `name = '${filtered[0].name}'`),
          (expected as { as_of_date: string; name: string }[]).filter((row) => row.name === filtered[0].name),
        );
      }),
      { numRuns: 12 },
    );
  });

  it('keeps the bytes of a file of which nothing changes but its key-values', async () => {
    const path = join(folder, 'stamped.parquet');
    await writeGroups(engine, path, { first: 0, rows: 5000, days: 3, from: 20_000 });
    const { dataEnd } = await readFooter(path);
    const pages = (await readFile(path)).subarray(0, dataEnd);
    const rows = await rowsOf(path);
    const texts = new Map([
      ['one', 'a "text"'],
      ['two', 'größer '.repeat(5000)],
    ]);
    await stampKeyValues(path, texts);
    assert.deepEqual((await readFooter(path)).keyValues, texts);
    assert.ok((await readFile(path)).subarray(0, dataEnd).equals(pages));
    assert.deepEqual(await rowsOf(path), rows);
    await stampKeyValues(path, new Map());
    assert.equal((await readFooter(path)).keyValues.size, 0);
  });

  it('refuses what is no Parquet file, one that is cut off, and files of other columns', async () => {
    const good = join(folder, 'good.parquet');
    await writeGroups(engine, good, { first: 0, rows: 3000, days: 3, from: 20_000 });
    const bytes = await readFile(good);
    for (const broken of [
      Buffer.alloc(0),
      Buffer.from('a,b\n1,2\n'),
      bytes.subarray(0, bytes.length - 9),
      bytes.subarray(-2000),
    ]) {
      const path = join(folder, 'broken.parquet');
      await writeFile(path, broken);
      await assert.rejects(readFooter(path), RangeError);
    }
    const other = join(folder, 'other.parquet');
    await engine.write(sql`SELECT 1 AS id`, other, 'parquet');
    const pieces = await Promise.all(
      [good, other].map(async (path) => {
        const footer = await readFooter(path);
        return { path, footer, groups: footer.groups };
      }),
    );
    await assert.rejects(mergeRowGroups(join(folder, 'no.parquet'), pieces, new Map()), RangeError);
  });
});
