import { rollingName } from '../../config/columns.js';
import type { RollingAggregate } from '../../config/features.js';
import type { Config } from '../../config/schema.js';
import { identifier, identifiers, join, raw, type Sql, sql } from '../engine/sql.js';
import { exactMean, exactSum } from './exact-sum.js';

/** The columns of the table, from those of user_daily, the rolling ones, _day and _last_active_day. */
export function columnsOf(columns: readonly string[], spec: Config['features']): Sql {
  const rolling = spec.windows.flatMap((window) =>
    Object.keys(spec.rolling).map((name) => rollingName(name, window)),
  );
  const ratios = Object.entries(spec.ratios).map(
    ([name, ratio]) => sql`${ratioOf(ratio)} AS ${identifier(name)}`,
  );
  const recency = spec.recency.days_since_last_activity
    ? [sql`coalesce(_day - _last_active_day, days_since_signup) AS days_since_last_activity`]
    : [];
  return join([identifiers([...columns, ...rolling]), ...ratios, ...recency]);
}

/** All rolling columns, each after a comma; `over` says over which rows a window's aggregates go. */
export function rollingColumns(spec: Config['features'], over: (window: number) => Sql): Sql {
  const columns = spec.windows.flatMap((window) =>
    Object.entries(spec.rolling).map(
      ([name, aggregate]) =>
        sql`, ${rollingOf(spec, aggregate, over(window))} AS ${identifier(rollingName(name, window))}`,
    ),
  );
  return join(columns, '');
}

function rollingOf(spec: Config['features'], aggregate: RollingAggregate, over: Sql): Sql {
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
