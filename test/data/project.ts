import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before } from 'node:test';
import { type Config, configSchema } from '../../src/config/schema.js';
import { openDuckDB } from '../../src/data/engine/duckdb.js';
import type { Engine } from '../../src/data/engine/engine.js';
import { sql } from '../../src/data/engine/sql.js';
import { type Layout, layoutOf } from '../../src/data/layout.js';
import { STEPS } from '../../src/data/steps/index.js';
import type { StepOutcome } from '../../src/data/steps/step.js';
import { readTable } from '../../src/data/tables.js';

/** Real data beside the project (see its README); tests that need them are skipped where they are absent. */
export const SHARED = resolve(process.env.CHURN_SHARED ?? '../shared', 'data');
export const WITHOUT_SHARED = existsSync(SHARED) ? false : `no data at ${SHARED} (set CHURN_SHARED)`;

/** A value of a table as tests compare it: days as ISO days. */
export type Row = Record<string, string | number | boolean | null>;

export interface TestProject {
  root: string;
  config: Config;
  layout: Layout;
  engine: Engine;
  run(...steps: string[]): Promise<StepOutcome[]>;
  /** A table, ordered by user and day. */
  table(path: string): Promise<Row[]>;
  close(): Promise<void>;
}

type ConfigInput = Record<string, unknown>;

/** A configured project in a folder of its own; `files` are paths under it with their content. */
export async function testProject(
  input: ConfigInput,
  files: Record<string, string> = {},
  at: string | null = null,
): Promise<TestProject> {
  const root = await mkdtemp(join(tmpdir(), 'churn-data-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const config = configSchema.parse(input);
  const layout = layoutOf(config, root);
  const engine = await openTestEngine(root, config.engine.threads);
  return {
    root,
    config,
    layout,
    engine,
    run: async (...ids) => {
      const outcomes: StepOutcome[] = [];
      for (const id of ids) {
        const step = STEPS.find((known) => known.id === id);
        if (step === undefined) {
          throw new Error(`no step ${id}`);
        }
        outcomes.push(await step.run({ config, layout, engine, at, now: new Date() }));
      }
      return outcomes;
    },
    table: (path) =>
      engine.rows<Row>(sql`SELECT * FROM ${readTable(engine, path)} ORDER BY user_id, as_of_date`),
    close: async () => {
      await engine.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

export function openTestEngine(root: string, threads = 2): Promise<Engine> {
  return openDuckDB({ memoryLimit: '1GB', threads, spillFolder: join(root, '.spill') });
}

/** Gives the tests of a file or a group an engine, and a folder of its own for their files; both go when they have ended. */
export function useTestEngine(prefix: string, use: (engine: Engine, folder: string) => void): void {
  let [engine, folder]: [Engine | null, string] = [null, ''];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), prefix));
    engine = await openTestEngine(folder);
    use(engine, folder);
  });
  after(async () => {
    await engine?.close();
    await rm(folder, { recursive: true });
  });
}

/** Rows as a CSV text; null is an empty cell. */
export function csv(rows: readonly Row[]): string {
  const names = Object.keys(rows[0]);
  const cell = (value: Row[string]) => {
    const text = value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[names.join(','), ...rows.map((row) => names.map((name) => cell(row[name])).join(','))].join('\n')}\n`;
}

/** Rows as JSON lines. */
export function jsonl(rows: readonly Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
