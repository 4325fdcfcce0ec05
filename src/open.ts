import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from './config/load.js';
import type { Engine, LendEngine } from './data/engine/engine.js';
import { inRoot, type Layout, layoutOf } from './data/layout.js';
import type { ChurnError } from './error.js';
import { removeLeftovers } from './files.js';
import type { History } from './history/history.js';
import type { LeaseLock } from './history/lease-lock.js';
import type { Lock } from './history/lock.js';
import type { HistoryOptions } from './history/options.js';
import { openRegistry, type Registry } from './model/registry/registry.js';
import type { Trainer } from './model/trainer/trainer.js';
import { type Notifier, openNotifier } from './notify/notifier.js';
import { isServer } from './postgres/place.js';
import type { Clock } from './time.js';
import { openTracing } from './tracing/open.js';
import type { Span, Tracing } from './tracing/tracing.js';
import type { StartJob } from './triggers/starter.js';
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
  /** The run of the scheduler that started this process; null: nobody's. */
  startedBy: string | null;
  /** Null: nobody collects traces. */
  tracing: Tracing | null;
  /** The span under which this process works, as a W3C traceparent; null: none. */
  traceparent: string | null;
  /** Of the runs that are at work here. */
  spans: Map<string, Span>;
  engine(): Promise<Engine>;
  /** Lends an engine for one piece of work and closes it then: a long-lived process gets its memory back. */
  withEngine: LendEngine;
  trainer(id: Trainer['id']): Promise<Trainer>;
  /** Tells what jobs have changed; null: nobody is to be told. */
  notifier: Notifier | null;
  /** How jobs for triggers are started from here; null: not from here (triggers.runner). @throws config.invalid */
  startJob(): Promise<StartJob | null>;
  /** Removes what killed jobs left. Only for who holds the lock. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  clock?: Clock;
  signal?: AbortSignal;
  onWait?: (message: string) => void;
  /** Who started this process, and where traces go. */
  environment?: NodeJS.ProcessEnv;
  /** Longest wait for another job. */
  patienceSeconds?: number;
  /**
   * Of a process that goes on whatever happens: it does not wait for a history that is away, not even to start, and a
   * lost lock ends the work that held it, not everything.
   */
  longLived?: boolean;
}

const LONG_LIVED_PATIENCE_SECONDS = 1;

/** Variable in which a scheduler tells the jobs that it starts the id of its run. */
export const STARTED_BY = 'CHURN_STARTED_BY';

/**
 * Picks the adapters that a configuration names: the only place that does, and that reads the clock. Native libraries
 * are loaded when they are needed, so that commands that need none start at once.
 */
export async function openProject(loaded: LoadedConfig, options: OpenOptions = {}): Promise<Project> {
  const { config, root } = loaded;
  const { clock = () => new Date(), longLived = false, environment = {} } = options;
  const tracing = await openTracing(environment);
  const lost = new AbortController();
  const signal = AbortSignal.any([lost.signal, ...(options.signal ? [options.signal] : [])]);
  const layout = layoutOf(config, root);
  const spillFolder = inRoot(root, config.engine.spill);
  const { history, lock } = await openHistory(loaded, {
    clock,
    patienceSeconds: longLived ? LONG_LIVED_PATIENCE_SECONDS : undefined,
    late: longLived,
    lockPatienceSeconds: options.patienceSeconds,
    onLost: (why) => longLived || lost.abort(why),
  });
  const { memory, threads } = config.engine;
  const newEngine = () => openEngine({ memoryLimit: memory, threads, spillFolder }, signal);
  let engine: Promise<Engine> | null = null;
  return {
    ...loaded,
    layout,
    clock,
    signal,
    history,
    registry: openRegistry({ folder: layout.modelsFolder, history }),
    lock,
    onWait: options.onWait ?? (() => undefined),
    startedBy: environment[STARTED_BY] ?? null,
    tracing,
    traceparent: environment.TRACEPARENT ?? null,
    spans: new Map(),
    engine: () => {
      engine ??= newEngine();
      return engine;
    },
    withEngine: async (work) => {
      const own = await newEngine();
      return work(own).finally(() => own.close());
    },
    trainer: async (id) =>
      id === 'xgboost'
        ? (await import('./model/trainer/xgboost.js')).xgboostTrainer
        : (await import('./model/trainer/linear.js')).linearTrainer,
    notifier: openNotifier({
      config: config.notify,
      history,
      clock,
      write: (line) => void process.stderr.write(line),
      onProblem: options.onWait ?? (() => undefined),
    }),
    startJob: async () =>
      config.triggers.runner === 'kubernetes'
        ? (await import('./triggers/kubernetes.js')).kubernetesJobs(config.triggers)
        : null,
    tidy: () => tidy(layout, spillFolder, sourceFolders(loaded)),
    close: async () => {
      await engine?.then((opened) => opened.close()).catch(() => undefined);
      await history.close();
      await tracing?.close();
    },
  };
}

export interface OpenHistoryOptions {
  clock?: Clock;
  /** Whether a server that is away is no reason not to begin (see history/late.ts). */
  late?: boolean;
  patienceSeconds?: number;
  lockPatienceSeconds?: number;
  /** In place of history.migrate. */
  migrate?: HistoryOptions['migrate'];
  onMigrate?: HistoryOptions['onMigrate'];
  /** Told when another host got the lock of jobs while one worked here. */
  onLost?: (why: ChurnError) => void;
}

/** The history that a configuration names, with the lock of its jobs. */
export async function openHistory(
  { config, root }: LoadedConfig,
  options: OpenHistoryOptions = {},
): Promise<{ history: History; lock: Lock }> {
  const { url, ...settings } = config.history;
  const common: HistoryOptions = {
    clock: options.clock ?? (() => new Date()),
    program: `churn-mlops ${PROGRAM_VERSION}`,
    patienceMilliseconds: 1000 * (options.patienceSeconds ?? settings.patience_seconds),
    migrate: options.migrate ?? settings.migrate,
    onMigrate: options.onMigrate,
  };
  const patienceSeconds = options.lockPatienceSeconds ?? 600;
  if (!isServer(url)) {
    const { openSqliteHistory } = await import('./history/sqlite/open.js');
    const { sqliteLock } = await import('./history/sqlite/lock.js');
    const history = await openSqliteHistory({ ...common, path: inRoot(root, url.replace(/^sqlite:/, '')) });
    return { history, lock: sqliteLock(inRoot(root, join(config.artifacts, 'jobs.lock')), patienceSeconds) };
  }
  const { openPostgresHistory } = await import('./history/postgres/open.js');
  const { leaseLock } = await import('./history/lease-lock.js');
  const pool = {
    connections: settings.connections,
    connectSeconds: settings.connect_seconds,
    statementSeconds: settings.statement_seconds,
    lockSeconds: settings.lock_seconds,
  };
  const open = () => openPostgresHistory({ ...common, url, pool, fence: () => lock.fence() });
  const history = options.late ? await (await import('./history/late.js')).lateHistory(open) : await open();
  const lock: LeaseLock = leaseLock(history, {
    name: 'jobs',
    leaseSeconds: settings.lease_seconds,
    patienceSeconds,
    onLost: options.onLost ?? (() => undefined),
  });
  return { history, lock };
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
    once: (key, make) => engine.once(key, (folder) => make(folder, signal)),
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
  await Promise.all([...folders, ...sources, spillFolder].map(removeLeftovers));
  const spilled = (await readdir(spillFolder).catch(() => [])).filter((name) => /^duckdb_temp/.test(name));
  await Promise.all(spilled.map((name) => rm(join(spillFolder, name), { recursive: true, force: true })));
}
