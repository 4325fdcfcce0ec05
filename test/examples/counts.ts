import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/schema.js';
import type { Engine } from '../../src/data/engine/engine.js';
import { raw, type Sql, sql } from '../../src/data/engine/sql.js';
import { type Layout, layoutOf } from '../../src/data/layout.js';
import { STEPS } from '../../src/data/steps/index.js';
import { readTable } from '../../src/data/tables.js';
import { random } from '../../src/random.js';
import { addDays, type Day } from '../../src/time.js';
import { openTestEngine, SHARED } from '../data/project.js';

/** What test/reference/examples.py counted from the raw files. */
export interface OutsideCounts {
  oulad: Record<string, { first: Day; clicks: number[]; students: number[] }>;
  retail: Record<'all' | 'tenth', Record<string, Record<string, number>>>;
  /** Figures that the pages tell in their text, by example. */
  facts: Record<string, Record<string, number>>;
  cdnow: { customers: number } & Record<'all' | 'tenth', Record<string, Record<string, number>>>;
}

export function outsideCounts(): OutsideCounts {
  return JSON.parse(readFileSync(join('test', 'reference', 'examples.json'), 'utf8')) as OutsideCounts;
}

export interface PipelineRun {
  config: Config;
  layout: Layout;
  engine: Engine;
  close(): Promise<void>;
}

/** Runs steps of an example's configuration as it stands, with what the environment changes; tables go to a folder of their own. */
export async function runExample(
  file: string,
  steps: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<PipelineRun> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-example-'));
  const { config, root } = await loadConfig({
    file: join('examples', file),
    folder: resolve('.'),
    environment,
  });
  for (const source of [config.sources.users, config.sources.events]) {
    // The data beside the project, or where CHURN_SHARED says.
    source.files = resolve(root, source.files).replace(resolve(root, '../../../shared/data'), SHARED);
  }
  const layout = layoutOf(config, folder);
  const engine = await openTestEngine(folder);
  for (const id of steps) {
    const step = STEPS.find((known) => known.id === id) ?? assert.fail(`no step ${id}`);
    await step.run({ config, layout, engine, at: null, now: new Date() });
  }
  return {
    config,
    layout,
    engine,
    close: async () => {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Days on which each user is active, straight from the raw files: one row of `unit` and ISO `day` each. */
export async function activeDays(engine: Engine, query: Sql): Promise<Map<string, Set<Day>>> {
  const days = new Map<string, Set<Day>>();
  for (const { unit, day } of await engine.rows<{ unit: string; day: Day }>(query)) {
    days.set(unit, (days.get(unit) ?? new Set()).add(day));
  }
  return days;
}

/** Recounts the inactivity labels of so many cells, drawn by seed, one day after another. */
export async function recountLabels(
  { engine, layout, config }: PipelineRun,
  active: ReadonlyMap<string, ReadonlySet<Day>>,
  cells: number,
  seed: number,
): Promise<{ churned: number; stayed: number }> {
  const [{ rows }] = await engine.rows<{ rows: number }>(
    sql`SELECT count(*) AS rows FROM ${readTable(engine, layout.labelsDaily)}`,
  );
  const chance = random(seed);
  const places = Array.from({ length: cells }, () => chance.integer(rows));
  const drawn = await engine.rows<{
    unit: string;
    as_of_date: Day;
    future_active_days: number;
    churn_label: number;
  }>(
    sql`SELECT CAST(user_id AS VARCHAR) AS unit, as_of_date, future_active_days, churn_label
      FROM (SELECT *, row_number() OVER (ORDER BY as_of_date, user_id) - 1 AS place FROM ${readTable(engine, layout.labelsDaily)}) AS numbered
      WHERE place IN (${raw(places.join(', '))})`,
  );
  assert.equal(drawn.length, new Set(places).size);
  const found = { churned: 0, stayed: 0 };
  for (const { unit, as_of_date, future_active_days, churn_label } of drawn) {
    const days = active.get(unit) ?? new Set();
    const ahead = Array.from({ length: config.label.horizon_days }, (_, i) => addDays(as_of_date, i + 1));
    const future = ahead.filter((day) => days.has(day)).length;
    assert.equal(future_active_days, future, `${unit} on ${as_of_date}`);
    assert.equal(churn_label, future === 0 ? 1 : 0, `${unit} on ${as_of_date}`);
    found[future === 0 ? 'churned' : 'stayed']++;
  }
  return found;
}

/** Where the raw files lie, for queries that ask them directly. */
export function rawFile(...path: string[]): Sql {
  return raw(`'${join(SHARED, ...path).replaceAll("'", "''")}'`);
}
