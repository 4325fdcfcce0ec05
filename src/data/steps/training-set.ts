import { ChurnError } from '../../error.js';
import { sql } from '../engine/sql.js';
import { labelledRows } from '../labelled.js';
import { readTable, requireTable } from '../tables.js';
import type { Step } from './step.js';

/** training_dataset: the labelled rows (labelled.ts) as a table. */
export const trainingSet: Step = {
  id: 'training-set',
  title: 'features joined with labels that are known',
  reads: ['data/features/user_features_daily', 'data/processed/labels_daily'],
  writes: ['data/features/training_dataset'],
  run: async ({ config, layout, engine, at, signal }) => {
    await requireTable(layout.userFeaturesDaily, 'features');
    await requireTable(layout.labelsDaily, 'labels');
    const labelled = await labelledRows(engine, config, layout, at);
    const rows = await engine.write(
      labelled.query,
      layout.trainingDataset,
      layout.format,
      signal,
      () =>
        new ChurnError('data.insufficient', {
          expected: `labelled rows of the population from ${labelled.from} on, known on ${labelled.at}`,
          came: 'none',
          fix: 'wait for more data, widen `population`, or set training.complete_windows: false',
        }),
    );
    const [summary] = await engine.rows<{ churned: number; users: number; first: string; last: string }>(
      sql`SELECT CAST(sum(churn_label) AS BIGINT) AS churned, count(DISTINCT user_id) AS users, min(as_of_date) AS first, max(as_of_date) AS last
        FROM ${readTable(engine, layout.trainingDataset)}`,
    );
    return {
      reads: [{ path: layout.userFeaturesDaily }, { path: layout.labelsDaily }],
      writes: [{ path: layout.trainingDataset, rows }],
      result: {
        rows,
        users: summary.users,
        churned: summary.churned,
        churn_rate: summary.churned / rows,
        from: summary.first,
        to: summary.last,
      },
    };
  },
};
