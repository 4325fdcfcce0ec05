import type { Calibration } from '../calibrate.js';
import type { Encoding } from '../encode.js';
import type { ModelForm } from '../trainer/trainer.js';

/** Everything a model file holds: what is written is what is read. */
export interface PublishedModel {
  form: ModelForm;
  calibration: Calibration;
  encoding: Encoding;
  /** Further facts by name, for people and scripts; stored sorted by name. */
  metadata: Readonly<Record<string, string>>;
}

/** Names in the graph, for whoever scores with another program. */
export const INPUT = 'features';
export const MARGIN = 'margin';
export const PROBABILITY = 'probability';

export const PRODUCER = 'churn-mlops';

/** Keys of our own entries in the file's metadata. */
export const KEYS = {
  format: 'churn_mlops.format',
  features: 'churn_mlops.features',
  columns: 'churn_mlops.columns',
  calibration: 'churn_mlops.calibration',
} as const;

/** Raised when a reader of before could no longer read the file. */
export const FORMAT = '1';
