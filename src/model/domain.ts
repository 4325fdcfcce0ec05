import { evaluateSample } from '../monitor/performance/evaluate.js';
import { hash32 } from '../random.js';
import { probabilitiesOf, uncalibrated } from './calibrate.js';
import { asDataset, type LabelledMatrix, requireBothClasses, selectRows } from './matrix.js';
import { importanceOf } from './train.js';
import type { Trainer, TrainRequest } from './trainer/trainer.js';

export interface DomainOptions {
  trainer: Trainer;
  parameters: TrainRequest['parameters'];
  seed: number;
  threads: number;
  /** Bootstrap draws over users behind the interval. */
  draws: number;
  signal?: AbortSignal;
}

/** How well a model tells current rows from reference rows: 0.5 is chance, so no drift that it can see. */
export interface DomainDrift {
  /** Of rows whose users the model that scored them had not seen. Null with the reason when undefined. */
  roc_auc: number | null;
  interval: readonly [number, number] | null;
  reason?: string;
  rows: { reference: number; current: number };
  folds: number;
  /** What gives the difference away: the part of each feature in the models' contributions, largest first. */
  features: { feature: string; share: number }[];
}

const FOLDS = 3;
/** Enough to see a difference, and few enough not to learn rows by heart. */
const ROUNDS = 60;

/**
 * A classifier of reference (label 0) against current rows (label 1), cross-validated with all rows of a user in one fold.
 * It sees what columns by themselves do not show: that they stopped going together. Source: Lopez-Paz and Oquab 2017.
 * @throws data.insufficient when a fold lacks one of the windows, and as the trainer
 */
export async function domainDrift(matrix: LabelledMatrix, options: DomainOptions): Promise<DomainDrift> {
  const foldOf = (row: number) => hash32(`${options.seed}/fold/${matrix.units[row]}`) % FOLDS;
  const scores: Float32Array[] = [];
  const parts: LabelledMatrix[] = [];
  const sums = new Map<string, number>();
  for (let fold = 0; fold < FOLDS; fold++) {
    const [fit, held] = [
      selectRows(matrix, (row) => foldOf(row) !== fold),
      selectRows(matrix, (row) => foldOf(row) === fold),
    ];
    requireBothClasses(fit, 'rows to tell windows apart');
    requireBothClasses(held, 'rows to tell windows apart');
    const { form, probeMargins } = await options.trainer.train({
      fit: asDataset(fit),
      validation: null,
      probe: { rows: held.rows, values: held.values },
      rounds: ROUNDS,
      earlyStoppingRounds: ROUNDS,
      seed: options.seed,
      threads: options.threads,
      parameters: options.parameters,
      signal: options.signal,
    });
    scores.push(probabilitiesOf(probeMargins, uncalibrated('not needed')));
    parts.push(held);
    for (const { feature, mean_contribution } of importanceOf(form, held)) {
      sums.set(feature, (sums.get(feature) ?? 0) + mean_contribution);
    }
  }
  const { measures } = evaluateSample(
    {
      labels: joined(
        Uint8Array,
        parts.map((part) => part.labels),
      ),
      units: joined(
        Int32Array,
        parts.map((part) => part.units),
      ),
      scores: joined(Float32Array, scores),
    },
    { seed: options.seed, draws: options.draws },
  );
  const current = matrix.labels.reduce((sum, label) => sum + label, 0);
  const all = [...sums.values()].reduce((sum, value) => sum + value, 0);
  const { value, interval, reason } = measures.roc_auc;
  return {
    roc_auc: value,
    interval: interval ?? null,
    ...(reason && { reason }),
    rows: { reference: matrix.rows - current, current },
    folds: FOLDS,
    features: [...sums]
      .map(([feature, sum]) => ({ feature, share: all === 0 ? 0 : sum / all }))
      .sort((a, b) => b.share - a.share),
  };
}

type Numbers = Uint8Array | Int32Array | Float32Array;

function joined<T extends Numbers>(kind: new (length: number) => T, lists: readonly T[]): T {
  const all = new kind(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
