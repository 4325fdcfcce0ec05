import { readFileSync } from 'node:fs';

/** What test/reference/xgboost-models.py wrote. */
export interface Reference {
  versions: Record<string, string>;
  cases: ReferenceCase[];
  platt: { margins: number[]; labels: number[]; slope: number; intercept: number };
}

export interface ReferenceCase {
  name: string;
  model: SavedJson;
  rows: number;
  columns: number;
  values: (number | null)[];
  margins: number[];
  contributions: number[];
}

/** The places of a saved model that tests change. */
export interface SavedJson {
  learner: {
    learner_model_param: { base_score: string; num_class: string };
    objective: { name: string };
    gradient_booster: { name: string; model: { trees: { split_type: number[] }[] } };
  };
}

const file = new URL('../../../test/reference/xgboost-models.json', import.meta.url);

export const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;

export function valuesOf(given: ReferenceCase): Float32Array {
  return Float32Array.from(given.values, (value) => value ?? Number.NaN);
}
