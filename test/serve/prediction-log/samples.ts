import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openDuckDB } from '../../../src/data/engine/duckdb.js';
import type { Engine } from '../../../src/data/engine/engine.js';
import { sql } from '../../../src/data/engine/sql.js';
import { encodingOf } from '../../../src/model/encode.js';
import type { LoggedPrediction } from '../../../src/serve/parts.js';
import { predictionLogRelation } from '../../../src/serve/prediction-log/relation.js';
import type { Window } from '../../../src/time.js';

export const NOON = Date.parse('2026-03-01T12:00:00Z');
export const MARCH: Window = { from: '2026-03-01', to: '2026-04-01' };
export const ALWAYS = { flushMilliseconds: 3_600_000, flushRows: 1e9, maxBuffered: 1e6 };

/** One number and one category: three columns. */
export const encoding = encodingOf([
  { name: 'age', type: 'number' },
  { name: 'plan', type: 'category', categories: ['free', 'paid'] },
]);

export function prediction(number: number, changes: Partial<LoggedPrediction> = {}): LoggedPrediction {
  return {
    time: NOON + number,
    requestId: `r${number}`,
    userId: number,
    snapshotDate: '2026-02-28',
    version: '20260131-aaaa',
    arm: 'champion',
    probability: 0.25,
    row: Float32Array.from([number, 1, 0]),
    ...changes,
  };
}

export async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-log-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function engineFor(context: TestContext): Promise<Engine> {
  const engine = await openDuckDB({
    memoryLimit: '500MB',
    threads: 1,
    spillFolder: await folderFor(context),
  });
  context.after(() => engine.close());
  return engine;
}

export async function logged(
  engine: Engine,
  folder: string,
  window = MARCH,
): Promise<Record<string, unknown>[]> {
  const relation = await predictionLogRelation(engine, folder, window);
  return relation === null
    ? []
    : engine.rows(sql`SELECT * FROM ${relation} AS log ORDER BY time, request_id`);
}

export async function ids(engine: Engine, folder: string, window = MARCH): Promise<unknown[]> {
  return (await logged(engine, folder, window)).map((row) => row.request_id);
}
