import { isAbsolute, join } from 'node:path';
import type { Config } from '../config/schema.js';
import type { Day } from '../time.js';
import type { FileFormat } from './engine/engine.js';

/** Where everything lies. All paths are absolute. */
export interface Layout {
  root: string;
  format: Config['format'];
  userDaily: string;
  userFeaturesDaily: string;
  labelsDaily: string;
  trainingDataset: string;
  predictionsFolder: string;
  predictions(date: Day): string;
  modelsFolder: string;
  metricsFolder: string;
  /** A report that dashboards and scripts read, for example `data_drift_latest.json`. */
  metrics(name: string): string;
}

export function layoutOf(config: Config, root: string): Layout {
  const at = (...parts: string[]) => inRoot(root, join(...parts));
  const table = (...parts: string[]) => `${at(config.data, ...parts)}.${config.format}`;
  const metricsFolder = at(config.artifacts, 'metrics');
  return {
    root,
    format: config.format,
    userDaily: table('processed', 'user_daily'),
    labelsDaily: table('processed', 'labels_daily'),
    userFeaturesDaily: table('features', 'user_features_daily'),
    trainingDataset: table('features', 'training_dataset'),
    predictionsFolder: at(config.data, 'predictions'),
    predictions: (date) => table('predictions', `churn_predictions_${date}`),
    modelsFolder: at(config.artifacts, 'models'),
    metricsFolder,
    metrics: (name) => join(metricsFolder, name),
  };
}

export function inRoot(root: string, path: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

const ENDINGS: [RegExp, FileFormat][] = [
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(csv|tsv|txt)(\.gz|\.zst)?$/i, 'csv'],
  [/\.(jsonl|ndjson|json)(\.gz|\.zst)?$/i, 'jsonl'],
];

/** The format that a path's ending stands for; null when it says nothing. */
export function formatOfPath(path: string): FileFormat | null {
  return ENDINGS.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}
