import { setImmediate as nextTurn } from 'node:timers/promises';
import { probabilitiesOf, probabilityOf } from '../../model/calibrate.js';
import { contributionsByFeature, encodeInto } from '../../model/encode.js';
import { goldenColumns, requireGolden } from '../../model/golden.js';
import type { PublishedModel } from '../../model/onnx/model.js';
import type { Manifest } from '../../model/registry/manifest.js';
import type { Registry } from '../../model/registry/registry.js';
import { contributions, scoreMargins } from '../../model/tree/form.js';
import { type RowWalker, rowWalker } from '../../model/tree/walk-row.js';
import type { LiveModel } from '../parts.js';
import { type BatchQueueOptions, batchQueue } from './batches.js';
import { type ScoringThread, startScoringThread, ThreadLost } from './thread.js';

/** A version in memory: in a scoring thread and as a form to walk. */
export interface LoadedVersion {
  live: LiveModel;
  thread: ScoringThread;
  /** Ends the thread when its last batch is done. The version goes on scoring, by walking, for who still holds it. */
  retire(): Promise<void>;
}

export type BatchLimits = Pick<BatchQueueOptions, 'mostRows' | 'chunkRows'>;

/**
 * Loads a version beside the others, checks the file's hash, repeats its golden rows both ways and warms what is made by
 * the first use.
 * @throws model.mismatch, input.missing, input.unreadable, io.failed
 */
export async function loadVersion(
  registry: Registry,
  version: string,
  limits: BatchLimits = {},
): Promise<LoadedVersion> {
  const manifest = await registry.find(version);
  const golden = await registry.golden(manifest);
  const thread = await startScoringThread(await registry.modelPath(manifest));
  try {
    const { model } = thread;
    const loaded = loadedVersion(manifest, thread, limits);
    const rows = golden.rows.length;
    const values = new Float32Array(rows * model.encoding.columns.length);
    encodeInto(model.encoding, goldenColumns(model.encoding, golden), rows, values, 0);
    requireGolden(golden, walk(model, values, rows), version, 'walking');
    requireGolden(golden, (await thread.score(values.slice(), rows)).probabilities, version, 'onnxruntime');
    if (rows > 0) {
      const row = values.slice(0, model.encoding.columns.length);
      loaded.live.scoreOne(row);
      loaded.live.explain(row, 1);
    }
    return loaded;
  } catch (error) {
    await thread.end();
    throw error;
  }
}

function loadedVersion(manifest: Manifest, thread: ScoringThread, limits: BatchLimits): LoadedVersion {
  const { model } = thread;
  const { encoding, form, calibration } = model;
  const byColumn = new Float64Array(encoding.columns.length);
  const marginOf: RowWalker =
    form.kind === 'trees' ? rowWalker(form.forest) : (row) => scoreMargins(form, row, 1)[0];
  const queue = batchQueue({ scoreChunk: thread.score, width: encoding.columns.length, ...limits });
  return {
    thread,
    retire: async () => {
      await queue.idle();
      await thread.end();
    },
    live: {
      manifest,
      encoding,
      // Rounded as onnxruntime's are, so that a row has one probability, alone or in a batch.
      scoreOne: (row) => Math.fround(probabilityOf(marginOf(row, 0), calibration)),
      scoreMany: async (values, rows) => {
        try {
          return await queue.add(values, rows);
        } catch (error) {
          if (!(error instanceof ThreadLost)) {
            throw error;
          }
          return walkInSlices(model, values, rows);
        }
      },
      explain: (row, count) => {
        contributions(form, row, 0, byColumn);
        const byFeature = contributionsByFeature(encoding, byColumn);
        return encoding.features
          .map((feature, i) => ({ feature: feature.name, contribution: byFeature[i] }))
          .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
          .slice(0, count);
      },
    },
  };
}

function walk({ form, calibration }: PublishedModel, values: Float32Array, rows: number): Float32Array {
  return probabilitiesOf(scoreMargins(form, values, rows), calibration);
}

/** About two milliseconds of walking. */
const SLICE_ROWS = 200;

/** A batch without its thread: the same probabilities, on this thread, with pauses for others. */
async function walkInSlices(
  model: PublishedModel,
  values: Float32Array,
  rows: number,
): Promise<Float32Array> {
  const width = model.encoding.columns.length;
  const all = new Float32Array(rows);
  for (let from = 0; from < rows; from += SLICE_ROWS) {
    const to = Math.min(from + SLICE_ROWS, rows);
    all.set(walk(model, values.subarray(from * width, to * width), to - from), from);
    await nextTurn();
  }
  return all;
}
