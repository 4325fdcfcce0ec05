import { type ServeConfig, serveSchema } from '../../src/config/serve.js';
import type { NewEntry } from '../../src/history/inbox.js';
import { type MetricSources, openMetrics } from '../../src/metrics/index.js';
import { probabilitiesOf, probabilityOf, uncalibrated } from '../../src/model/calibrate.js';
import {
  contributionsByFeature,
  type Encoding,
  encodingOf,
  type FeatureSpec,
} from '../../src/model/encode.js';
import { openSession } from '../../src/model/onnx/session.js';
import { writeModel } from '../../src/model/onnx/write.js';
import type { Manifest } from '../../src/model/registry/manifest.js';
import { xgboostTrainer } from '../../src/model/trainer/xgboost.js';
import { contributions, scoreMargins } from '../../src/model/tree/form.js';
import { random } from '../../src/random.js';
import type { Spool } from '../../src/serve/history/spool.js';
import type {
  LiveDrift,
  LiveModel,
  LoggedPrediction,
  ModelHolder,
  PredictionLog,
  ReloadResult,
} from '../../src/serve/parts.js';
import { lateLog } from '../../src/serve/server-log.js';
import { newLife, type Serving } from '../../src/serve/serving.js';

/** Numbers, a flag and two categories; the last category value is seen in training by nobody. */
export const FEATURES: FeatureSpec[] = [
  { name: 'active_days_7d', type: 'number' },
  { name: 'watch_minutes_30d', type: 'number' },
  { name: 'is_paid', type: 'number' },
  { name: 'plan', type: 'category', categories: ['free', 'paid'] },
  { name: 'country', type: 'category', categories: ['AT', 'DE', 'IN'] },
];

/** A row of the model's features. */
export const ROW = { active_days_7d: 3, watch_minutes_30d: 120.5, is_paid: 1, plan: 'paid', country: 'DE' };

/** Rows with nulls, labels that follow the first columns. */
function trainingSet(encoding: Encoding, rows: number, seed: number) {
  const { uniform, integer } = random(seed);
  const width = encoding.columns.length;
  const values = new Float32Array(rows * width);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    encoding.features.forEach((feature, i) => {
      const start = at + encoding.starts[i];
      if (feature.type === 'number') {
        values[start] = uniform() < 0.05 ? Number.NaN : Math.round(uniform() * 100) / 10;
      } else {
        values[start + integer(feature.categories.length)] = 1;
      }
    });
    labels[row] = uniform() < 1 / (1 + Math.exp((values[at] || 0) - 4)) ? 1 : 0;
  }
  return { columns: encoding.columns, rows, values, labels };
}

/** A version that was really trained, in memory: trees to walk, and the ONNX file in onnxruntime. */
export async function trainedModel(
  version = '20260131-test',
  features: readonly FeatureSpec[] = FEATURES,
  rounds = 20,
  seed = 1,
): Promise<LiveModel> {
  const encoding = encodingOf(features);
  const width = encoding.columns.length;
  const fit = trainingSet(encoding, 2000, seed);
  const { form } = await xgboostTrainer.train({
    fit,
    validation: null,
    probe: { rows: 1, values: fit.values.slice(0, width) },
    rounds,
    earlyStoppingRounds: 0,
    seed,
    threads: 1,
    parameters: { max_depth: 4, eta: 0.1 },
  });
  const calibration = uncalibrated('test');
  const session = await openSession(
    writeModel({ form, calibration, encoding, metadata: {} }),
    calibration,
    width,
  );
  const manifest = {
    version,
    trainer: 'xgboost',
    created_at: '2026-01-31T00:00:00.000Z',
    at: '2026-01-31',
    features,
    measures: {
      pr_auc: { value: 0.5 },
      roc_auc: { value: 0.8 },
      log_loss: { value: 0.2 },
      brier: { value: null, interval: null },
    },
  };
  return {
    manifest: manifest as unknown as Manifest,
    encoding,
    scoreOne: (row) => probabilityOf(scoreMargins(form, row, 1)[0], calibration),
    scoreMany: async (values, count) =>
      probabilitiesOf((await session.scoreChunk(values, count)).margins, calibration),
    explain: (row, count) => {
      const { byColumn } = contributions(form, row, 0);
      const byFeature = contributionsByFeature(encoding, byColumn);
      return encoding.features
        .map(({ name }, i) => ({ feature: name, contribution: byFeature[i] }))
        .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
        .slice(0, count);
    },
  };
}

/** A holder whose model the test sets. */
export interface TestHolder extends ModelHolder {
  set(model: LiveModel | null): void;
  /** What the next reload says. */
  next: Partial<ReloadResult>;
  reloads: number;
}

export function holderOf(first: LiveModel | null): TestHolder {
  let model = first;
  let last: ReloadResult | null = null;
  const listeners: ((result: ReloadResult) => void)[] = [];
  const holder: TestHolder = {
    set: (next) => {
      model = next;
    },
    next: {},
    reloads: 0,
    current: () => model,
    lastReload: () => last,
    reload: async () => {
      holder.reloads++;
      last = {
        at: '2026-02-01T00:00:00.000Z',
        outcome: 'unchanged',
        version: model?.manifest.version ?? null,
        error: null,
        ...holder.next,
      };
      for (const listener of listeners) {
        listener(last);
      }
      return last;
    },
    onReload: (listener) => listeners.push(listener),
    start: async () => undefined,
    close: async () => undefined,
  };
  return holder;
}

export interface TestLog extends PredictionLog {
  entries: LoggedPrediction[];
  closed: boolean;
  failing: string | null;
}

export function logInMemory(): TestLog {
  const log: TestLog = {
    entries: [],
    closed: false,
    failing: null,
    append: (prediction) => {
      log.entries.push({ ...prediction, row: prediction.row.slice() });
    },
    appendRows: ({ userId, snapshotDate, probabilities, values, ...shared }, from, to, { columns }) => {
      for (let row = from; row < to; row++) {
        log.entries.push({
          ...shared,
          userId: userId(row),
          snapshotDate: snapshotDate(row),
          probability: probabilities[row],
          row: values.slice(row * columns.length, (row + 1) * columns.length),
        });
      }
    },
    flush: async () => undefined,
    stats: () => ({ buffered: 0, written: log.entries.length, dropped: 0, failing: log.failing }),
    close: async () => {
      log.closed = true;
    },
  };
  return log;
}

export interface TestDrift extends LiveDrift {
  rows: number;
  answer: ReturnType<LiveDrift['report']>;
}

export function driftInMemory(): TestDrift {
  const drift: TestDrift = {
    rows: 0,
    answer: null,
    add: () => {
      drift.rows++;
    },
    addRows: (_model, _values, probabilities) => {
      drift.rows += probabilities.length;
    },
    report: () => drift.answer,
  };
  return drift;
}

export interface TestServing extends Serving {
  holder: TestHolder;
  log: TestLog;
  drift: TestDrift;
}

type Settings = Parameters<typeof serveSchema.parse>[0];

export interface ServingFacts {
  model: LiveModel | null;
  settings?: Settings;
  users?: Serving['users'];
  history?: MetricSources['history'];
}

export function settingsOf(settings: Settings = {}): ServeConfig {
  return serveSchema.parse({ drain_seconds: 0, log_level: 'silent', ...(settings as object) });
}

/** What was told, each key once. */
function spoolInMemory(): Spool & { told: NewEntry[] } {
  const told: NewEntry[] = [];
  return {
    told,
    tell: async (entries) =>
      entries.map((entry) => {
        const earlier = told.find(({ key }) => key === entry.key);
        if (earlier === undefined) {
          told.push(entry);
          return { key: entry.key, outcome: 'added' };
        }
        const same = JSON.stringify(earlier.body) === JSON.stringify(entry.body);
        return { key: entry.key, outcome: same ? 'known' : 'differs' };
      }),
    stats: () => ({ waiting: 0, refused: 0, because: null }),
    close: async () => undefined,
  };
}

/** Everything that routes need, in memory. */
export function servingOf({ model, settings, users = null, history = null }: ServingFacts): TestServing {
  const [holder, log, drift, life] = [holderOf(model), logInMemory(), driftInMemory(), newLife()];
  const clock = () => new Date('2026-02-01T12:00:00.000Z');
  const metrics = openMetrics({
    inFlight: () => life.replies.size,
    served: () => holder.current()?.manifest ?? null,
    encoding: () => holder.current()?.encoding ?? null,
    logStats: log.stats,
    logUpkeep: null,
    liveDrift: drift.report,
    history,
    spool: () => ({ waiting: 0, refused: 0 }),
    clock,
  });
  holder.onReload(metrics.model.reloaded);
  return {
    settings: settingsOf(settings),
    holder,
    log,
    drift,
    meter: metrics.predictions,
    metrics,
    users,
    clock,
    scrape: () => metrics.registry.metrics(),
    reload: () => holder.reload(),
    history: { state: () => ({ status: 'ok', since: clock().toISOString(), because: null }) },
    spool: spoolInMemory(),
    starter: null,
    tracing: null,
    upkeep: null,
    life,
    serverLog: lateLog(),
  };
}
