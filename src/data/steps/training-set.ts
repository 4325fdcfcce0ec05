import { ChurnError } from '../../error.js';
import { dayNumber, dayOfNumber } from '../../time.js';
import { raw, sql } from '../engine/sql.js';
import { type LabelledRows, labelledRows } from '../labelled.js';
import { daysAround, usersChange } from '../refresh/plan.js';
import { type DailyRecipe, refreshTable } from '../refresh/refresh-table.js';
import { type DaysVersion, readState } from '../refresh/table-state.js';
import { idOf, isVolatile, settingsVersion } from '../refresh/versions.js';
import { type DailyTable, dayList } from '../refresh/write-table.js';
import { readTable, requireTable } from '../tables.js';
import type { Step, StepContext } from './step.js';

/** training_dataset: the labelled rows (labelled.ts) as a table, by day, then by user. */
export const trainingSet: Step = {
  id: 'training-set',
  title: 'features joined with labels that are known',
  reads: ['data/features/user_features_daily', 'data/processed/labels_daily'],
  writes: ['data/features/training_dataset'],
  run: async (context) => {
    const { config, layout, engine, at, signal, rebuild } = context;
    await requireTable(layout.userFeaturesDaily, 'features');
    await requireTable(layout.labelsDaily, 'labels');
    const labelled = await labelledRows(engine, config, layout, at);
    const table: DailyTable = {
      engine,
      path: layout.trainingDataset,
      format: layout.format,
      signal,
      ifEmpty: () =>
        new ChurnError('data.insufficient', {
          expected: `labelled rows of the population from ${labelled.days.from} on, known on ${labelled.at}`,
          came: 'none',
          fix: 'wait for more data, widen `population`, or set training.complete_windows: false',
        }),
    };
    const recipe = await recipeOf(context, labelled, table);
    const refreshed = await refreshTable(table, recipe, await readState(table.path, table.format), rebuild);
    const [{ rows, users, churned, first, last }] = await engine.rows<{
      rows: number;
      users: number;
      churned: number;
      first: string;
      last: string;
    }>(
      sql`SELECT count(*) AS rows, count(DISTINCT user_id) AS users, CAST(sum(churn_label) AS BIGINT) AS churned, min(as_of_date) AS first, max(as_of_date) AS last
        FROM ${readTable(engine, layout.trainingDataset)}`,
    );
    return {
      reads: [{ path: layout.userFeaturesDaily }, { path: layout.labelsDaily }],
      writes: [{ path: layout.trainingDataset, rows }],
      result: { rows, users, churned, churn_rate: churned / rows, from: first, to: last },
      refreshed,
    };
  },
};

async function recipeOf(
  { config, layout, engine }: StepContext,
  labelled: LabelledRows,
  table: DailyTable,
): Promise<DailyRecipe> {
  const features = await readState(layout.userFeaturesDaily, layout.format);
  const labels = await readState(layout.labelsDaily, layout.format);
  const columns = await engine.describe(labelled.query);
  // The window moves from day to day; all else of the query is a setting.
  const query = labelled.rows({ from: '', to: '' }, raw('TRUE'));
  const settings = settingsVersion(
    { engine, layout },
    query,
    columns,
    config.training.complete_windows,
    features?.settings,
    labels?.settings,
  );
  const inputs =
    features === null || labels === null || isVolatile(engine, query)
      ? null
      : bothDays(features.outputs, labels.outputs, labelled);
  return {
    settings,
    inputs,
    files: null,
    outputs: inputs,
    whole: () => labelled.query,
    parts: inputs && {
      daysOf: async (changed, old) => {
        const within = { first: inputs.first, last: inputs.first + inputs.days.length - 1 };
        const isGrown = usersChange(old.inputs.users, inputs.users) === 'grown';
        const grown = isGrown ? await daysThatGrew(table, labelled) : [];
        return daysAround([...changed, ...grown], { from: 0, to: 0 }, within);
      },
      rows: (days) => {
        const window = { from: dayOfNumber(days[0]), to: dayOfNumber(days[days.length - 1] + 1) };
        return labelled.rows(window, sql`as_of_date IN (${dayList(days)})`);
      },
      newUsers: null,
      ordered: true,
    },
  };
}

/** A day of the training set is made of the same day of the features and of the labels, of the same users. */
function bothDays(features: DaysVersion, labels: DaysVersion, { days }: LabelledRows): DaysVersion {
  const [first, end] = [dayNumber(days.from), dayNumber(days.to)];
  const idAt = (version: DaysVersion, day: number) => version.days[day - version.first] ?? '';
  const ids = Array.from({ length: Math.max(0, end - first) }, (_, i) =>
    idOf([idAt(features, first + i), idAt(labels, first + i)]),
  );
  const isOne = features.users.id === labels.users.id;
  return { users: isOne ? features.users : { id: '', grown_from: [] }, first, days: ids };
}

/**
 * The days with labelled rows of users that the table does not know. A known user without any row has none on a day that has not
 * changed, so these are the days on which new users belong to the population.
 */
async function daysThatGrew({ engine, path }: DailyTable, { days, rows }: LabelledRows): Promise<number[]> {
  const unknown = sql`user_id NOT IN (SELECT user_id FROM ${readTable(engine, path)} AS known)`;
  const found = await engine.rows<{ day: number }>(
    sql`SELECT DISTINCT ${engine.dialect.dayNumber(sql`as_of_date`)} AS day FROM (${rows(days, unknown)}) AS added`,
  );
  return found.map(({ day }) => day);
}
