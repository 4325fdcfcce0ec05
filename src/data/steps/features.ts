import { rollingName } from '../../config/columns.js';
import type { RollingAggregate } from '../../config/features.js';
import type { Config } from '../../config/schema.js';
import { identifier, identifiers, join, raw, type Sql, sql } from '../engine/sql.js';
import { readTable, requireTable } from '../tables.js';
import { exactMean, exactSum } from './exact-sum.js';
import type { Step } from './step.js';

/** user_features_daily: user_daily plus rolling windows that end on and include the day, ratios and recency. */
export const features: Step = {
  id: 'features',
  title: 'rolling windows, ratios, recency',
  reads: ['data/processed/user_daily'],
  writes: ['data/features/user_features_daily'],
  run: async ({ config, layout, engine, signal }) => {
    await requireTable(layout.userDaily, 'prepare');
    const spec = config.features;
    const daily = (await engine.describe(sql`SELECT * FROM ${readTable(engine, layout.userDaily)}`)).map(
      (column) => column.name,
    );
    const frames = spec.windows.map(
      (window) =>
        sql`${raw(`last_${window}`)} AS (PARTITION BY user_id ORDER BY _day ROWS BETWEEN ${raw(String(window - 1))} PRECEDING AND CURRENT ROW)`,
    );
    const rolling = spec.windows.flatMap((window) =>
      Object.entries(spec.rolling).map(([name, aggregate]) => ({
        name: rollingName(name, window),
        value: rollingOf(spec, aggregate, window),
      })),
    );
    const ratios = Object.entries(spec.ratios).map(
      ([name, ratio]) => sql`${ratioOf(ratio)} AS ${identifier(name)}`,
    );
    const recency = spec.recency.days_since_last_activity
      ? [sql`coalesce(_day - _last_active_day, days_since_signup) AS days_since_last_activity`]
      : [];
    const query = sql`
      WITH days AS (
        SELECT *, ${engine.dialect.dayNumber(sql`as_of_date`)} AS _day FROM ${readTable(engine, layout.userDaily)}
      ), windows AS (
        SELECT *, max(CASE WHEN is_active_day = 1 THEN _day END) OVER so_far AS _last_active_day${join(
          rolling.map(({ name, value }) => sql`, ${value} AS ${identifier(name)}`),
          '',
        )}
        FROM days
        WINDOW ${join(frames)}, so_far AS (PARTITION BY user_id ORDER BY _day ROWS UNBOUNDED PRECEDING)
      )
      SELECT ${join([identifiers([...daily, ...rolling.map(({ name }) => name)]), ...ratios, ...recency])}
      FROM windows ORDER BY as_of_date, user_id`;
    const rows = await engine.write(query, layout.userFeaturesDaily, layout.format, signal);
    return {
      reads: [{ path: layout.userDaily }],
      writes: [{ path: layout.userFeaturesDaily, rows }],
      result: { rows },
    };
  },
};

function rollingOf(spec: Config['features'], aggregate: RollingAggregate, window: number): Sql {
  const over = raw(` OVER last_${window}`);
  const [column] = Object.values(aggregate);
  const name = identifier(column);
  // A CSV column without any value has no type of its own; counts always have values.
  const value = isWhole(spec, column) ? name : sql`CAST(${name} AS DOUBLE)`;
  if ('max' in aggregate) {
    return sql`max(${value})${over}`;
  }
  if ('mean' in aggregate) {
    return exactMean(value, over);
  }
  return isWhole(spec, column) ? sql`CAST(sum(${value})${over} AS BIGINT)` : exactSum(value, over);
}

/** Counts and the built-in columns are whole numbers; sums and means of event columns are not. */
function isWhole(spec: Config['features'], column: string): boolean {
  const aggregate = spec.daily[column];
  return aggregate === undefined || 'count' in aggregate || 'distinct' in aggregate;
}

function ratioOf(ratio: Config['features']['ratios'][string]): Sql {
  const below = join(
    ratio.denominator.map((name) => sql`CAST(${identifier(name)} AS DOUBLE)`),
    ' + ',
  );
  return sql`coalesce(CAST(${identifier(ratio.numerator)} AS DOUBLE) / nullif(${below}, 0), ${raw(ratio.empty === null ? 'NULL' : String(ratio.empty))})`;
}
