import { messageOf } from '../../error.js';
import type { Encoding } from '../../model/encode.js';
import type { Registry } from '../../model/registry/registry.js';
import { tableDrift } from '../../monitor/drift/judge.js';
import type { DriftReport } from '../../monitor/drift/report.js';
import { tableProfile } from '../../monitor/profile/count.js';
import type { ColumnProfile, TableProfile } from '../../monitor/profile/profile.js';
import type { LiveDrift, LiveModel } from '../parts.js';
import { type Counter, counterOf } from './counter.js';
import { type ServedWindow, servedWindow } from './window.js';

/** Name of the score's column in a reference profile and in the report. */
export const SCORE = 'churn_risk';

export interface LiveDriftOptions {
  registry: Pick<Registry, 'profile'>;
  warn?: number;
  fail?: number;
  significance?: number;
  seed?: number;
  /** The window rolls on by a slice: it holds the last (slices - 1) x rows to slices x rows served rows. */
  slices?: number;
  rowsPerSlice?: number;
  /** Fewer rows give no report. */
  fewestRows?: number;
}

export interface LiveDriftReport {
  version: string;
  rows: number;
  report: DriftReport;
  /** What is not compared, with the reason. */
  left_out: { name: string; reason: string }[];
  /** What the evidence takes for granted. */
  assumes: string;
}

export interface LiveDriftWatch extends LiveDrift {
  report(): LiveDriftReport | null;
  /** Why served rows are not compared, or null. */
  problem(): string | null;
}

const ASSUMES =
  'rows are independent: who is asked about is not kept, so several requests for one user make the evidence look stronger than it is';

/** One version's window. */
interface Watch {
  version: string;
  problem: string | null;
  /** Null until the reference profile has been read. */
  counting: { counter: Counter; window: ServedWindow } | null;
  leftOut: { name: string; reason: string }[];
  /** Rows added in all, and the report made at that count. */
  seen: number;
  made: { seen: number; report: LiveDriftReport } | null;
}

/** The one in use and the one before, which gets the answers that were under way at a swap. */
const WATCHES = 2;

/**
 * Counts the newest served rows over the bins of their version's reference profile, every row, in a ring of slices: constant
 * memory (40 KB for each column of the encoding), nothing is sampled. The window is one of rows, not of time, and counted when
 * a report is asked for: that takes some milliseconds, and is made anew only after further rows; it is about the version that
 * served last. Rows that come before a version's profile has been read are not counted.
 */
export function openLiveDrift(options: LiveDriftOptions): LiveDriftWatch {
  const { fewestRows = 100 } = options;
  const watches: Watch[] = [];
  let current: Watch | null = null;

  function watchOf(model: LiveModel): Watch {
    const version = model.manifest.version;
    if (current?.version === version) {
      return current;
    }
    let watch = watches.find((known) => known.version === version);
    if (watch === undefined) {
      watch = { version, problem: null, counting: null, leftOut: [], seen: 0, made: null };
      watches.push(watch);
      watches.splice(0, watches.length - WATCHES);
      void begin(watch, model, options);
    }
    current = watch;
    return watch;
  }

  return {
    add: (model, row, probability) => {
      const watch = watchOf(model);
      if (watch.counting !== null) {
        watch.counting.window.add(row, probability);
        watch.seen++;
      }
    },
    addRows: (model, values, probabilities) => {
      const watch = watchOf(model);
      if (watch.counting !== null) {
        watch.counting.window.addRows(values, probabilities);
        watch.seen += probabilities.length;
      }
    },
    report: () => (current === null ? null : reportOf(current, options, fewestRows)),
    problem: () => current?.problem ?? null,
  };
}

async function begin(
  watch: Watch,
  model: LiveModel,
  { registry, slices = 10, rowsPerSlice = 1000 }: LiveDriftOptions,
): Promise<void> {
  try {
    const profile = await registry.profile(model.manifest);
    const { features, leftOut } = comparable(model.encoding, profile);
    const score = scoreProfile(model.encoding, profile);
    watch.leftOut = [
      ...leftOut,
      ...(score === null ? [{ name: SCORE, reason: 'the reference has no profile of the score' }] : []),
    ];
    const counter = counterOf(model.encoding, features, score);
    const width = model.encoding.columns.length;
    watch.counting = { counter, window: servedWindow({ counter, width, slices, rowsPerSlice }) };
  } catch (error) {
    watch.problem = `the reference profile of ${watch.version} cannot be used: ${messageOf(error)}`;
  }
}

function scoreProfile({ features }: Encoding, profile: TableProfile): ColumnProfile | null {
  const column = profile.columns.find(({ name, bins }) => name === SCORE && bins.kind === 'numeric');
  return features.some(({ name }) => name === SCORE) ? null : (column ?? null);
}

function comparable(encoding: Encoding, profile: TableProfile) {
  const features: { index: number; reference: ColumnProfile }[] = [];
  const leftOut: Watch['leftOut'] = [];
  encoding.features.forEach(({ name, type }, index) => {
    const reference = profile.columns.find((column) => column.name === name);
    if (reference === undefined) {
      leftOut.push({ name, reason: 'the reference has no profile of it' });
    } else if ((reference.bins.kind === 'numeric') !== (type === 'number')) {
      leftOut.push({ name, reason: `a ${type} for the model, ${reference.bins.kind} in the reference` });
    } else {
      features.push({ index, reference });
    }
  });
  return { features, leftOut };
}

function reportOf(watch: Watch, options: LiveDriftOptions, fewestRows: number): LiveDriftReport | null {
  const { counting, version, seen } = watch;
  if (counting === null) {
    return null;
  }
  const { counter, window } = counting;
  const tallies = window.tallies();
  const rows = tallies.reduce((sum, tally) => sum + tally.rows, 0);
  if (rows < fewestRows) {
    return null;
  }
  if (watch.made?.seen !== seen) {
    const { warn = 0.1, fail = 0.25, significance, seed = 1 } = options;
    const current = tableProfile(counter.profiles(tallies), null);
    const report = tableDrift(tableProfile(counter.references, null), current, {
      warn,
      fail,
      significance,
      seed,
    });
    watch.made = { seen, report: { version, rows, report, left_out: watch.leftOut, assumes: ASSUMES } };
  }
  return watch.made!.report;
}
