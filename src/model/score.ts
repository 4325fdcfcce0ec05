import { readFile } from 'node:fs/promises';
import type { Column } from '../data/engine/engine.js';
import { contributionsByFeature, type EncodeCounts, type Encoding, encodeInto, newCounts } from './encode.js';
import { goldenColumns, requireGolden } from './golden.js';
import type { Session } from './onnx/session.js';
import type { GoldenRows, Manifest } from './registry/manifest.js';
import type { Registry } from './registry/registry.js';
import type { ModelForm } from './trainer/trainer.js';
import { contributions } from './tree/form.js';

/** A version that is ready to score: the published file in onnxruntime, and its form for explanations. */
export interface Scorer {
  manifest: Manifest;
  encoding: Encoding;
  /** Nulls and unseen categories met so far, by feature. */
  counts: EncodeCounts;
  /** Probabilities of rows given as one column per feature, in the order of the encoding. */
  score(columns: readonly Column[], rows: number): Promise<Scored>;
  /** The same for rows that are encoded already. */
  scoreEncoded(values: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface Scored {
  probabilities: Float32Array;
  /** The features that moved one row's log-odds most, largest first. */
  topFeatures(row: number, count: number): { feature: string; contribution: number }[];
}

/**
 * Opens a version and repeats its golden rows.
 * @throws model.mismatch when the file was changed or does not give the recorded probabilities
 */
export async function openScorer(registry: Registry, manifest: Manifest): Promise<Scorer> {
  const path = await registry.modelPath(manifest);
  // Loaded when needed: onnxruntime and protobuf take a quarter of a second.
  const { readModel } = await import('./onnx/read.js');
  const { openSession } = await import('./onnx/session.js');
  const bytes = await readFile(path);
  const { form, calibration, encoding } = readModel(bytes);
  const session = await openSession(bytes, calibration, encoding.columns.length);
  const scorer = scorerOf(manifest, encoding, form, session);
  try {
    await repeatGoldenRows(scorer, await registry.golden(manifest));
  } catch (error) {
    await scorer.close();
    throw error;
  }
  scorer.counts.nulls.fill(0);
  scorer.counts.unseen.fill(0);
  return scorer;
}

function scorerOf(manifest: Manifest, encoding: Encoding, form: ModelForm, session: Session): Scorer {
  const counts = newCounts(encoding);
  const byColumn = new Float64Array(encoding.columns.length);
  const scoreEncoded = async (values: Float32Array, rows: number) =>
    (await session.scoreChunk(values, rows)).probabilities;
  return {
    manifest,
    encoding,
    counts,
    scoreEncoded,
    score: async (columns, rows) => {
      const values = new Float32Array(rows * encoding.columns.length);
      encodeInto(encoding, columns, rows, values, 0, counts);
      return {
        probabilities: await scoreEncoded(values, rows),
        topFeatures: (row, count) => {
          contributions(form, values, row, byColumn);
          const byFeature = contributionsByFeature(encoding, byColumn);
          return encoding.features
            .map((feature, i) => ({ feature: feature.name, contribution: byFeature[i] }))
            .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
            .slice(0, count);
        },
      };
    },
    close: () => session.close(),
  };
}

/** Through the encoding, as rows of users come. */
async function repeatGoldenRows(scorer: Scorer, golden: GoldenRows): Promise<void> {
  const columns = goldenColumns(scorer.encoding, golden);
  const { probabilities } = await scorer.score(columns, golden.rows.length);
  requireGolden(golden, probabilities, scorer.manifest.version, 'onnxruntime');
}
