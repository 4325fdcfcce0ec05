import type { ServeConfig } from '../config/serve.js';
import { inRoot } from '../data/layout.js';
import { openMetrics } from '../metrics/index.js';
import type { Project } from '../open.js';
import { dayOfDate } from '../time.js';
import { openModelHolder } from './holder/holder.js';
import { openLiveDrift } from './live-drift/live-drift.js';
import type { LiveDrift, PredictionLog } from './parts.js';
import { openPredictionLog } from './prediction-log/log.js';
import { openUpkeep, type Upkeep } from './prediction-log/upkeep.js';
import { lateLog, type ServerLog } from './server-log.js';
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

/** Puts the parts of a project's server together. Nothing is loaded before the holder is started. */
export function openServing(project: Project, options: OpenServingOptions): OpenedServing {
  const { settings } = options;
  const { clock, history, registry, layout } = project;
  const log = settings.prediction_log.enabled ? openLog(project, settings) : null;
  const [life, serverLog] = [newLife(), lateLog()];
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
    clock,
  });
  holder.onReload(metrics.model.reloaded);
  const duties: WorkerDuties = {
    registry: metrics.registry,
    reload: () => void holder.reload(),
    stop: options.stop ?? (() => undefined),
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
      upkeep,
      life,
      serverLog,
      users: userFeaturesOf({
        path: layout.userFeaturesDaily,
        withEngine: project.withEngine,
        today: () => dayOfDate(clock()),
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

function openLog({ root }: Project, { prediction_log }: ServeConfig): PredictionLog {
  return openPredictionLog({
    folder: inRoot(root, prediction_log.folder),
    flushMilliseconds: 1000 * prediction_log.flush_seconds,
    flushRows: Math.min(FLUSH_ROWS, prediction_log.buffer_rows),
    maxBuffered: prediction_log.buffer_rows,
  });
}

function openLogUpkeep(project: Project, { prediction_log }: ServeConfig, log: ServerLog): Upkeep {
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
