import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openDuckDB } from '../../../src/data/engine/duckdb.js';
import { raw, sql } from '../../../src/data/engine/sql.js';
import type { ChurnError } from '../../../src/error.js';
import { engineContract } from '../../contract/engine.js';
import { openTestEngine } from '../project.js';

// Far from UTC, so that a day taken in local time shows.
process.env.TZ = 'America/New_York';

describe('DuckDB keeps the contract of engines', () => {
  engineContract((folder) => openTestEngine(join(folder, 'spill-of-its-own')));
});

/** A file system of half a megabyte at a fresh folder, or why there can be none. */
async function tinyDisk(): Promise<{ folder: string; skip: string | false }> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-tiny-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder], { stdio: 'pipe' });
    return { folder, skip: false };
  } catch (error) {
    return { folder, skip: `no tmpfs can be mounted here (${String(error).split('\n')[0]})` };
  }
}

const ioFailed = (pattern: RegExp) => (error: ChurnError) => {
  assert.equal(error.code, 'io.failed', error.message);
  assert.equal(error.exitCode, 74);
  assert.match(error.message, pattern);
  return true;
};

describe('DuckDB and the disk', () => {
  it('a full disk is an input/output error (74) and leaves nothing behind', async (test) => {
    const { folder, skip } = await tinyDisk();
    if (skip) {
      return test.skip(skip);
    }
    const engine = await openTestEngine(join(tmpdir(), `churn-spill-${process.pid}`));
    try {
      const big = sql`SELECT md5(CAST(value AS STRING)) AS x FROM ${engine.dialect.series(raw('0'), raw('99999'))} AS numbers`;
      for (const format of ['parquet', 'csv'] as const) {
        await assert.rejects(
          engine.write(big, join(folder, `out.${format}`), format),
          ioFailed(/room on the disk|disk is full/),
        );
        assert.deepEqual(await readdir(folder), []);
      }
    } finally {
      await engine.close();
      execFileSync('umount', [folder]);
      await rm(folder, { recursive: true });
    }
  });

  it('a read-only folder is an input/output error (74)', async (test) => {
    if (process.getuid?.() === 0) {
      return readOnlyMount();
    }
    const folder = await mkdtemp(join(tmpdir(), 'churn-read-only-'));
    await chmod(folder, 0o555);
    test.after(() => rm(folder, { recursive: true }));
    await refusedIn(folder, /permission|read-only/i);
  });

  async function readOnlyMount(): Promise<void> {
    const { folder, skip } = await tinyDisk();
    if (skip) {
      return;
    }
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    try {
      await refusedIn(folder, /read-only/i);
    } finally {
      execFileSync('umount', [folder]);
      await rm(folder, { recursive: true });
    }
  }

  async function refusedIn(folder: string, pattern: RegExp): Promise<void> {
    const engine = await openTestEngine(join(tmpdir(), `churn-spill-${process.pid}`));
    try {
      await assert.rejects(
        engine.write(sql`SELECT 1 AS x`, join(folder, 'out.parquet'), 'parquet'),
        ioFailed(pattern),
      );
      // Node says ENOENT for a folder that cannot be made on a read-only file system.
      await assert.rejects(
        engine.write(sql`SELECT 1 AS x`, join(folder, 'new', 'out.csv'), 'csv'),
        ioFailed(/new/),
      );
    } finally {
      await engine.close();
    }
  }

  it('spills to its folder instead of running out of memory', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-spill-'));
    const engine = await openDuckDB({
      memoryLimit: '100MB',
      threads: 2,
      spillFolder: join(folder, 'a', 'b'),
    });
    const sorted = sql`SELECT count(*) AS rows FROM (SELECT md5(CAST(value AS STRING)) AS x, value FROM ${engine.dialect.series(raw('0'), raw('2999999'))} AS numbers ORDER BY x LIMIT 2999999) AS t`;
    assert.deepEqual(await engine.rows(sorted), [{ rows: 2_999_999 }]);
    await engine.close();
    await rm(folder, { recursive: true });
  });
});

describe('DuckDB and text files', () => {
  it('takes the types of a CSV file from all its rows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-csv-'));
    const engine = await openTestEngine(folder);
    const whole = Array.from({ length: 30_000 }, (_, i) => `${i},O'Brien`);
    await writeFile(join(folder, 'late.csv'), `x,name\n${whole.join('\n')}\n0.5,"a ""b"", c"\n`);
    const late = engine.dialect.readFiles(join(folder, 'late.csv'), 'csv');
    assert.deepEqual(
      await engine.rows(
        sql`SELECT count(*) AS rows, min(name) AS first, max(name) AS last, CAST(sum(x) AS DOUBLE) AS total FROM ${late}`,
      ),
      [{ rows: 30_001, first: "O'Brien", last: 'a "b", c', total: 449_985_000.5 }],
    );
    await engine.close();
    await rm(folder, { recursive: true });
  });

  it('reads other delimiters, and keeps leading zeros', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-csv-'));
    const engine = await openTestEngine(folder);
    for (const [name, delimiter] of [
      ['semicolon', ';'],
      ['tab', '\t'],
      ['bar', '|'],
    ]) {
      await writeFile(
        join(folder, `${name}.csv`),
        [`id,x`, `007,1`, `010,2`].map((line) => `${line.replace(',', delimiter)}\r\n`).join(''),
      );
      const file = engine.dialect.readFiles(join(folder, `${name}.csv`), 'csv');
      assert.deepEqual(await engine.rows(sql`SELECT id, x FROM ${file}`), [
        { id: '007', x: 1 },
        { id: '010', x: 2 },
      ]);
    }
    await engine.close();
    await rm(folder, { recursive: true });
  });

  it('takes a time with a zone to UTC', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-zone-'));
    const engine = await openTestEngine(folder);
    const time = engine.dialect.utcTime(
      sql`TIMESTAMPTZ '2025-01-01 23:30:00-05:00'`,
      'TIMESTAMP WITH TIME ZONE',
    );
    assert.deepEqual(await engine.rows(sql`SELECT CAST(${time} AS DATE) AS day`), [{ day: '2025-01-02' }]);
    await engine.close();
    await rm(folder, { recursive: true });
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
  }
  return found;
}

describe('DuckDB and its types', () => {
  const row =
    raw(`SELECT CAST(-5 AS TINYINT) AS tiny, CAST(65535 AS USMALLINT) AS usmall, CAST(4294967295 AS UINTEGER) AS u32,
    CAST(18446744073709551615 AS UBIGINT) AS u64, CAST(-170141183460469231731687303715884105727 AS HUGEINT) AS huge,
    CAST(12345678901234567890.25 AS DECIMAL(38, 2)) AS wide, CAST(-0.5 AS DECIMAL(4, 1)) AS narrow, CAST(0.1 AS FLOAT) AS f,
    'a text of more than 12 bytes, with a 😀' AS long, TIMESTAMPTZ '2025-01-01 00:00:00+02' AS tz,
    TIMESTAMP '1969-12-31 23:59:59.999999' AS before, CAST('2025-01-01 01:02:03' AS TIMESTAMP_S) AS seconds, TIME '01:02:03' AS time,
    INTERVAL 3 DAY AS days, CAST('0e7ad0f6-4b4d-4c1e-a4b1-1d3e2a0b9c8d' AS UUID) AS uuid, [1, NULL, 3] AS list, {'a': 'x'} AS struct,
    CAST('b' AS ENUM ('a', 'b')) AS enum, CAST('ab' AS BLOB) AS blob, NULL AS nothing`);
  // As texts: what we have no use for but might meet in a file.
  const texts = {
    seconds: '2025-01-01 01:02:03',
    time: '01:02:03',
    days: '3 days',
    uuid: '0e7ad0f6-4b4d-4c1e-a4b1-1d3e2a0b9c8d',
    list: '[1, NULL, 3]',
    struct: "{'a': x}",
    enum: 'b',
    blob: 'ab',
  };

  it('reads every type, those without a counterpart as texts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-types-'));
    const engine = await openTestEngine(folder);
    assert.deepEqual(await engine.rows(sql`${row}`), [
      {
        tiny: -5,
        usmall: 65_535,
        u32: 4_294_967_295,
        u64: '18446744073709551615',
        huge: '-170141183460469231731687303715884105727',
        wide: Number('12345678901234567890.25'),
        narrow: -0.5,
        f: Math.fround(0.1),
        long: 'a text of more than 12 bytes, with a 😀',
        tz: '2024-12-31T22:00:00.000Z',
        before: '1969-12-31T23:59:59.999Z',
        nothing: null,
        ...texts,
      },
    ]);
    const [{ columns }] = await all(engine.columns(sql`${row}`));
    assert.deepEqual(
      columns.map(([value]) => value),
      [
        ...[-5, 65_535, 4_294_967_295, 2 ** 64, -(2 ** 127)],
        ...[
          Number('12345678901234567890.25'),
          -0.5,
          Math.fround(0.1),
          'a text of more than 12 bytes, with a 😀',
        ],
        ...['2024-12-31 22:00:00+00', '1969-12-31 23:59:59.999999', ...Object.values(texts), Number.NaN],
      ],
    );
    await engine.close();
    await rm(folder, { recursive: true });
  });

  it('hands over memory that stays as it is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-memory-'));
    const engine = await openTestEngine(folder);
    const query = sql`SELECT CAST(value AS DOUBLE), CAST(value AS FLOAT) FROM ${engine.dialect.series(raw('0'), raw('499999'))} AS numbers`;
    const chunks = await all(engine.columns(query));
    await engine.close();
    let next = 0;
    for (const { rows, columns } of chunks) {
      for (let i = 0; i < rows; i++, next++) {
        assert.ok(columns[0][i] === next && columns[1][i] === next, `row ${next}`);
      }
    }
    assert.equal(next, 500_000);
    await rm(folder, { recursive: true });
  });
});
