import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, configSchema } from '../../../src/config/schema.js';
import type { Engine } from '../../../src/data/engine/engine.js';
import { sql } from '../../../src/data/engine/sql.js';
import { type Layout, layoutOf } from '../../../src/data/layout.js';
import type { Rebuild } from '../../../src/data/refresh/plan.js';
import type { Refreshed } from '../../../src/data/refresh/refresh-table.js';
import { STEPS } from '../../../src/data/steps/index.js';
import { readTable } from '../../../src/data/tables.js';
import { csv, openTestEngine, type Row } from '../project.js';

/** The sources' rows as they are at some time. */
export interface Log {
  users: Row[];
  events: Row[];
}

export type Settings = Record<string, unknown>;

/** A project whose sources and settings change between its runs. */
export interface RefreshedProject {
  layout: Layout;
  engine: Engine;
  /** Puts the sources there and runs the steps; tells by step what they did. */
  run(
    log: Log,
    settings?: Settings,
    rebuild?: Rebuild,
    steps?: readonly string[],
  ): Promise<Record<string, Refreshed>>;
  /** Fails unless every table holds what a run of a new project makes of the same sources and settings. */
  assertAsNew(log: Log, settings?: Settings): Promise<void>;
  close(): Promise<void>;
}

const NOW = new Date('2026-01-01T12:00:00Z');
const ALL_STEPS = STEPS.map((step) => step.id);

export async function refreshedProject(settings: Settings): Promise<RefreshedProject> {
  const root = await mkdtemp(join(tmpdir(), 'churn-refreshed-'));
  const engine = await openTestEngine(root);
  const place = (folder: string, now: Settings): { config: Config; layout: Layout } => {
    const sources = { users: { files: 'users.csv' }, events: { files: 'events.csv' } };
    const config = configSchema.parse({ sources, ...now });
    return { config, layout: layoutOf(config, join(root, folder)) };
  };
  const runIn = async (
    folder: string,
    log: Log,
    now: Settings,
    rebuild: Rebuild | undefined,
    steps: readonly string[],
  ) => {
    const { config, layout } = place(folder, now);
    await mkdir(layout.root, { recursive: true });
    await writeFile(join(layout.root, 'users.csv'), csv(log.users));
    await writeFile(join(layout.root, 'events.csv'), csv(log.events));
    const done: Record<string, Refreshed> = {};
    for (const step of STEPS.filter(({ id }) => steps.includes(id))) {
      const outcome = await step.run({ config, layout, engine, at: null, now: NOW, rebuild });
      done[step.id] = outcome.refreshed;
    }
    return done;
  };
  const rows = (path: string, order = true) =>
    engine.rows<Row>(
      order
        ? sql`SELECT * FROM ${readTable(engine, path)} ORDER BY user_id, as_of_date`
        : sql`SELECT * FROM ${readTable(engine, path)}`,
    );
  let runs = 0;
  return {
    engine,
    layout: place('project', settings).layout,
    run: (log, now = settings, rebuild = undefined, steps = ALL_STEPS) =>
      runIn('project', log, now, rebuild, steps),
    assertAsNew: async (log, now = settings) => {
      runs += 1;
      await runIn(`new-${runs}`, log, now, 'all', ALL_STEPS.slice(1));
      const [ours, fresh] = [place('project', now).layout, place(`new-${runs}`, now).layout];
      for (const table of ['userDaily', 'userFeaturesDaily', 'labelsDaily'] as const) {
        assert.deepEqual(await rows(ours[table]), await rows(fresh[table]), table);
      }
      // A model learns from the rows in their order.
      assert.deepEqual(
        await rows(ours.trainingDataset, false),
        await rows(fresh.trainingDataset, false),
        'trainingDataset',
      );
      const described = (path: string) => engine.describe(sql`SELECT * FROM ${readTable(engine, path)}`);
      assert.deepEqual(await described(ours.userFeaturesDaily), await described(fresh.userFeaturesDaily));
      await rm(fresh.root, { recursive: true });
    },
    close: async () => {
      await engine.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
