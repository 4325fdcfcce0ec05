import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { source } from '../../src/config/sources.js';
import { GUESSED_ROWS } from '../../src/data/engine/dialect.js';
import { openDuckDB } from '../../src/data/engine/duckdb.js';
import type { Engine } from '../../src/data/engine/engine.js';
import { sql } from '../../src/data/engine/sql.js';
import { DEFAULT_CSV, openTable } from '../../src/data/open-table.js';

it('reads CSV as sources do that say nothing of it', () => {
  assert.deepEqual(DEFAULT_CSV, source('users', '', 'users.csv').parse({}).csv);
});

describe('a text table', () => {
  let folder: string;
  let engine: Engine;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'churn-open-table-'));
    engine = await openDuckDB({ memoryLimit: '1GB', threads: 2, spillFolder: join(folder, 'spill') });
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  /** A table whose last row holds what its first rows do not show. */
  async function endingWith(first: string, last: string): Promise<{ type: string; last: unknown }> {
    const path = join(folder, `${first}.csv`.replaceAll(/[: ]/g, '-'));
    await writeFile(path, ['x', ...new Array(2 * GUESSED_ROWS).fill(first), last].join('\n'));
    const table = await openTable(engine, path);
    const [row] = await engine.rows<{ last: unknown }>(
      sql`SELECT CAST(max(x) AS VARCHAR) AS last FROM ${table} AS read`,
    );
    const [{ type }] = await engine.describe(sql`SELECT * FROM ${table} AS read`);
    return { type, last: row.last };
  }

  it('does not round fractions that come late', async () => {
    assert.deepEqual(await endingWith('1', '1.5'), { type: 'DOUBLE', last: '1.5' });
  });

  it('takes the type of a column that begins empty from where it has values', async () => {
    for (const [last, type] of [
      ['1.5', 'DOUBLE'],
      ['7', 'BIGINT'],
      ['2026-01-01', 'DATE'],
      ['seven', 'VARCHAR'],
      ['', 'VARCHAR'],
    ]) {
      const path = join(folder, `empty-${type}-${last}.csv`);
      await writeFile(path, ['k,x', ...new Array(2 * GUESSED_ROWS).fill('1,'), `1,${last}`].join('\n'));
      const table = await openTable(engine, path);
      const columns = await engine.describe(sql`SELECT * FROM ${table} AS read`);
      assert.deepEqual(
        columns.map((column) => column.type),
        ['BIGINT', type],
      );
      const [{ found }] = await engine.rows<{ found: string | null }>(
        sql`SELECT CAST(max(x) AS VARCHAR) AS found FROM ${table} AS read`,
      );
      assert.equal(found, last === '' ? null : last);
    }
  });

  it('keeps the time of day and the offset of a time that comes late', async () => {
    assert.equal((await endingWith('2026-01-01', '2026-01-02 10:30:00')).last, '2026-01-02 10:30:00');
    const { last } = await endingWith('2026-01-01 00:00:00', '2026-01-02 00:00:00+02');
    assert.match(String(last), /^2026-01-02 00:00:00\+02|^2026-01-01 22:00:00/);
  });
});
