import assert from 'node:assert/strict';
import { join } from 'node:path';
import Database from 'libsql';
import type { Engine } from '../../src/data/engine/engine.js';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { readJson } from '../../src/files.js';
import { call } from '../jobs/project.js';
import { DATABASE, isTemporary, type Snapshot } from './snapshot.js';

/**
 * What holds after a kill: every file that was there and stays is there, and each says what it said before or what the
 * command makes of it, whole; databases open and are sound; the project answers with its champion.
 */
export async function assertSound(
  engine: Engine,
  folder: string,
  found: Snapshot,
  before: Snapshot,
  after: Snapshot,
): Promise<void> {
  for (const path of before.keys()) {
    assert.ok(found.has(path) || !after.has(path), `${path} is gone`);
  }
  for (const [path, content] of found) {
    const whole = content === before.get(path) || content === after.get(path);
    if (!isTemporary(path) && !whole) {
      await opensWhole(engine, join(folder, path));
      assert.fail(`${path} is whole, but neither what it was nor what the command makes of it`);
    }
  }
  await assertAnswers(folder, found);
}

/** Databases are sound, and the project answers. May change the folder: SQLite mends what a kill left. */
export async function assertAnswers(folder: string, found: Snapshot): Promise<void> {
  for (const path of [...found.keys()].filter((name) => DATABASE.test(name))) {
    const database = new Database(join(folder, path));
    const [state] = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    assert.deepEqual(state, { integrity_check: 'ok' }, path);
    assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), [], path);
    database.close();
  }
  const trained = [...found.keys()].some((path) => path.includes('production_latest'));
  for (const args of [['history', '--json'], ...(trained ? [['models', 'champion', '--json']] : [])]) {
    const { code, err } = await call(folder, args);
    assert.equal(code, 0, `${args.join(' ')}: ${err}`);
  }
}

async function opensWhole(engine: Engine, path: string): Promise<void> {
  if (path.endsWith('.parquet')) {
    await engine.rows(
      sql`SELECT bit_xor(hash(rows_read)) AS all_read FROM ${readTable(engine, path)} AS rows_read`,
    );
  } else if (path.endsWith('.json')) {
    await readJson(path);
  }
}
