import { hostname } from 'node:os';
import type { ServeConfig } from '../config/serve.js';
import { inRoot } from '../data/layout.js';
import type { NewEntry } from '../history/inbox.js';
import type { Log } from '../log.js';
import { openMetrics } from '../metrics/index.js';
import type { Project } from '../open.js';
import { dayIn } from '../time.js';
import { startTriggers } from '../triggers/starter.js';
import { openSpool, type Spool } from './history/spool.js';
import { watchedHistory } from './history/watched.js';
import { openModelHolder } from './holder/holder.js';
import { openLiveDrift } from './live-drift/live-drift.js';
import type { LiveDrift, PredictionLog, ReloadResult } from './parts.js';
import { openPredictionLog } from './prediction-log/log.js';
import { openUpkeep, type Upkeep } from './prediction-log/upkeep.js';
import { lateLog } from './server-log.js';
import { newLife, type Serving } from './serving.js';
import { userFeaturesOf } from './user-features.js';
import { joinWorkers, type Worker, type WorkerDuties } from './worker.js';

export interface OpenServingOptions {
  settings: ServeConfig;
  /** Set in one of several processes: what the first process may ask for. */
  stop: (() => void) | null;
}

export interface OpenedServing {
  serving: Serving;
  /** Of several processes; null: there is one. */
  worker: Worker | null;
}

/** A segment is written out before its time when so many predictions wait: it is one row group. */
const FLUSH_ROWS = 20_000;

/** What history could not be told is tried again after about so long. */
const SPOOL_RETRY_MILLISECONDS = 2000;

/** Open triggers are looked at again after this. */
const TRIGGERS_MILLISECONDS = 10_000;

/** Puts the parts of a project's server together. Nothing is loaded before the holder is started. */
export async function openServing(project: Project, options: OpenServingOptions): Promise<OpenedServing> {
  const { settings } = options;
  const { clock, registry, layout } = project;
  const log = settings.prediction_log.enabled ? openLog(project, settings) : null;
  const [life, serverLog] = [newLife(), lateLog()];
  const history = watchedHistory(project.history, clock, serverLog);
  const spool = await openSpool({
    folder: inRoot(project.root, settings.spool.folder),
    inbox: history,
    most: settings.spool.most,
    retryMilliseconds: SPOOL_RETRY_MILLISECONDS,
    clock,
    log: serverLog,
  });
  const startJob = await project.startJob();
  const starter =
    startJob &&
    startTriggers({
      inbox: history,
      start: startJob,
      everyMilliseconds: TRIGGERS_MILLISECONDS,
      clock,
      log: serverLog,
    });
  const upkeep = log && openLogUpkeep(project, settings, serverLog);
  const drift = settings.live_drift.enabled ? openDrift(project) : null;
  const holder = openModelHolder({
    registry,
    history,
    pollMilliseconds: 1000 * settings.reload_seconds,
    clock,
    log: serverLog,
  });
  const metrics = openMetrics({
    inFlight: () => life.replies.size,
    served: () => holder.current()?.manifest ?? null,
    encoding: () => holder.current()?.encoding ?? null,
    logStats: log && (() => log.stats()),
    logUpkeep: upkeep && (() => upkeep.stats()),
    liveDrift: drift && (() => drift.report()),
    history,
    spool: () => spool.stats(),
    clock,
  });
  holder.onReload(metrics.model.reloaded);
  holder.onReload((result) => void tellSwap(spool, result, serverLog));
  const duties: WorkerDuties = {
    registry: metrics.registry,
    reload: () => void holder.reload(),
    stop: options.stop ?? (() => undefined),
    log: serverLog,
  };
  const worker = options.stop === null ? null : joinWorkers(duties);
  return {
    worker,
    serving: {
      settings,
      holder,
      log,
      drift,
      meter: metrics.predictions,
      metrics,
      clock,
      history,
      spool,
      starter,
      tracing: project.tracing,
      upkeep,
      life,
      serverLog,
      users: userFeaturesOf({
        path: layout.userFeaturesDaily,
        withEngine: project.withEngine,
        today: () => dayIn(project.config.time_zone, clock()),
        most: settings.users.most,
      }),
      scrape: () => (worker === null ? metrics.registry.metrics() : worker.scrape()),
      reload: () => {
        worker?.reloadOthers();
        return holder.reload();
      },
    },
  };
}

/** For the record: which process answers with which version since when. */
async function tellSwap(spool: Spool, { at, outcome, version }: ReloadResult, log: Log): Promise<void> {
  if (outcome === 'swapped') {
    const [host, id] = [hostname(), process.pid];
    const swap: NewEntry = {
      kind: 'swap',
      key: `${host} ${id} ${at}`,
      subject: version,
      body: { version, host, process: id },
      at,
    };
    await spool.tell([swap]).catch((error) => log.error({ err: error }, 'the swap is not on record'));
  }
}

function openLog({ root }: Project, { prediction_log }: ServeConfig): PredictionLog {
  return openPredictionLog({
    folder: inRoot(root, prediction_log.folder),
    flushMilliseconds: 1000 * prediction_log.flush_seconds,
    flushRows: Math.min(FLUSH_ROWS, prediction_log.buffer_rows),
    maxBuffered: prediction_log.buffer_rows,
  });
}

function openLogUpkeep(project: Project, { prediction_log }: ServeConfig, log: Log): Upkeep {
  return openUpkeep({
    folder: inRoot(project.root, prediction_log.folder),
    withEngine: project.withEngine,
    lock: project.lock,
    clock: project.clock,
    everyMilliseconds: 60_000 * prediction_log.compact_minutes,
    keepDays: prediction_log.keep_days ?? null,
    log,
  });
}

function openDrift({ registry, config }: Project): LiveDrift {
  const { warn, fail, significance } = config.drift;
  return openLiveDrift({ registry, warn, fail, significance, seed: config.training.seed });
}
