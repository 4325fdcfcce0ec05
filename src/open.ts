import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from './config/load.js';
import type { Engine } from './data/engine/engine.js';
import { inRoot, type Layout, layoutOf } from './data/layout.js';
import { removeLeftovers } from './files.js';
import type { History } from './history/history.js';
import type { Lock } from './history/lock.js';
import { openRegistry, type Registry } from './model/registry/registry.js';
import type { Trainer } from './model/trainer/trainer.js';
import type { Clock } from './time.js';
import { PROGRAM_VERSION } from './version.js';

/** A configured project with its parts. The engine is opened by the first use. */
export interface Project extends LoadedConfig {
  layout: Layout;
  clock: Clock;
  /** Aborted when the work is to stop. Every call of the engine listens to it. */
  signal: AbortSignal;
  history: History;
  registry: Registry;
  /** Held by a job while it works: one at a time changes the project's files. */
  lock: Lock;
  /** Told what a job waits for. */
  onWait(message: string): void;
  engine(): Promise<Engine>;
  trainer(id: Trainer['id']): Promise<Trainer>;
  /** Removes what killed jobs left. Only for who holds the lock. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  clock?: Clock;
  signal?: AbortSignal;
  onWait?: (message: string) => void;
  /** Longest wait for another job. */
  patienceSeconds?: number;
}

/**
 * Picks the adapters that a configuration names: the only place that does, and that reads the clock. Native libraries
 * are loaded when they are needed, so that commands that need none start at once.
 */
export async function openProject(loaded: LoadedConfig, options: OpenOptions = {}): Promise<Project> {
  const { config, root } = loaded;
  const { clock = () => new Date(), signal = new AbortController().signal } = options;
  const layout = layoutOf(config, root);
  const spillFolder = inRoot(root, config.engine.spill);
  const { openSqliteHistory } = await import('./history/sqlite.js');
  const { sqliteLock } = await import('./history/sqlite-lock.js');
  const history = await openSqliteHistory({
    path: inRoot(root, config.history.url.replace(/^sqlite:/, '')),
    clock,
    program: `churn-mlops ${PROGRAM_VERSION}`,
  });
  const { memory, threads } = config.engine;
  let engine: Promise<Engine> | null = null;
  return {
    ...loaded,
    layout,
    clock,
    signal,
    history,
    registry: openRegistry({ folder: layout.modelsFolder, history }),
    lock: sqliteLock(inRoot(root, join(config.artifacts, 'jobs.lock')), options.patienceSeconds ?? 600),
    onWait: options.onWait ?? (() => undefined),
    engine: () => {
      engine ??= openEngine({ memoryLimit: memory, threads, spillFolder }, signal);
      return engine;
    },
    trainer: async (id) =>
      id === 'xgboost'
        ? (await import('./model/trainer/xgboost.js')).xgboostTrainer
        : (await import('./model/trainer/linear.js')).linearTrainer,
    tidy: () => tidy(layout, spillFolder, sourceFolders(loaded)),
    close: async () => {
      await engine?.then((opened) => opened.close()).catch(() => undefined);
      await history.close();
    },
  };
}

/** An engine without a project, for commands that work on any two files. */
export async function openLooseEngine(signal: AbortSignal): Promise<Engine> {
  const spillFolder = await mkdtemp(join(tmpdir(), 'churn-mlops-spill-'));
  const engine = await openEngine({ memoryLimit: '2GB', threads: 2, spillFolder }, signal);
  return {
    ...engine,
    close: async () => {
      await engine.close();
      await rm(spillFolder, { recursive: true, force: true });
    },
  };
}

/** An engine whose calls end when `signal` is aborted, unless a call names a signal of its own. */
async function openEngine(
  settings: { memoryLimit: string; threads: number; spillFolder: string },
  signal: AbortSignal,
): Promise<Engine> {
  const { openDuckDB } = await import('./data/engine/duckdb.js');
  const engine = await openDuckDB(settings);
  return {
    ...engine,
    run: (statement, own = signal) => engine.run(statement, own),
    rows: (query, own = signal) => engine.rows(query, own),
    columns: (query, own = signal, lent) => engine.columns(query, own, lent),
    write: (query, path, format, own = signal, ifEmpty) => engine.write(query, path, format, own, ifEmpty),
  };
}

function sourceFolders({ config, root }: LoadedConfig): string[] {
  return [config.sources.users, config.sources.events].map(({ files }) => dirname(inRoot(root, files)));
}

async function tidy(layout: Layout, spillFolder: string, sources: string[]): Promise<void> {
  const { userDaily, userFeaturesDaily, predictionsFolder, metricsFolder, modelsFolder } = layout;
  const folders = [
    dirname(userDaily),
    dirname(userFeaturesDaily),
    predictionsFolder,
    metricsFolder,
    modelsFolder,
  ];
  await Promise.all([...folders, ...sources].map(removeLeftovers));
  const spilled = (await readdir(spillFolder).catch(() => [])).filter((name) => /^duckdb_temp/.test(name));
  await Promise.all(spilled.map((name) => rm(join(spillFolder, name), { recursive: true, force: true })));
}
