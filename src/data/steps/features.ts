import { longestWindow } from '../../config/columns.js';
import type { Config } from '../../config/schema.js';
import { dayOfNumber } from '../../time.js';
import type { Engine } from '../engine/engine.js';
import { join, raw, type Sql, sql } from '../engine/sql.js';
import { betweenDays } from '../population.js';
import { daysAround } from '../refresh/plan.js';
import { type DailyRecipe, refreshTable } from '../refresh/refresh-table.js';
import { readState } from '../refresh/table-state.js';
import { idOf, settingsVersion } from '../refresh/versions.js';
import { type DailyTable, dayList } from '../refresh/write-table.js';
import { countRows, readTable, requireTable } from '../tables.js';
import { columnsOf, rollingColumns } from './feature-columns.js';
import type { Step } from './step.js';

/** user_features_daily: user_daily plus rolling windows that end on and include the day, ratios and recency. */
export const features: Step = {
  id: 'features',
  title: 'rolling windows, ratios, recency',
  reads: ['data/processed/user_daily'],
  writes: ['data/features/user_features_daily'],
  run: async (context) => {
    const { config, layout, engine, signal, rebuild } = context;
    await requireTable(layout.userDaily, 'prepare');
    const { format, userDaily, userFeaturesDaily } = layout;
    const source = readTable(engine, userDaily);
    const columns = await engine.describe(sql`SELECT * FROM ${source}`);
    const daily: Daily = { engine, source, columns: columns.map(({ name }) => name), spec: config.features };
    const table: DailyTable = { engine, path: userFeaturesDaily, format, signal };
    const made = await readState(userDaily, format);
    const inputs = made?.outputs ?? null;
    const old = await readState(table.path, format);
    const recipe: DailyRecipe = {
      settings: settingsVersion(
        context,
        rollingDays({ ...daily, source: raw('days') }),
        columns,
        made?.settings,
      ),
      inputs,
      files: made?.files ?? null,
      outputs: inputs && { ...inputs, days: versionsSoFar(inputs.days) },
      whole: () => sql`${rollingDays(daily)} ORDER BY as_of_date, user_id`,
      parts: {
        daysOf: async (changed, { outputs }) => {
          const within = { first: outputs.first, last: outputs.first + (inputs?.days.length ?? 0) - 1 };
          const windows = { from: 0, to: longestWindow(config.features) - 1 };
          const rolled = daysAround(changed, windows, within);
          const isOld = (day: number) => day < outputs.first + outputs.days.length;
          const tails = config.features.recency.days_since_last_activity
            ? await recencyTails(daily, table, changed.filter(isOld), within.last)
            : [];
          return daysAround([...rolled, ...tails], { from: 0, to: 0 }, within);
        },
        rows: (days) => (days.length <= APART ? eachDay(daily, days) : rollingDays(daily, { days })),
        newUsers: (days, known) =>
          rollingDays(daily, { users: sql`user_id NOT IN (${known})`, otherDays: days }),
      },
    };
    const refreshed = await refreshTable(table, recipe, old, rebuild);
    const rows = await countRows(engine, table.path);
    return {
      reads: [{ path: userDaily }],
      writes: [{ path: table.path, rows }],
      result: { rows },
      refreshed,
    };
  },
};

/** user_daily, and what is made of it. */
interface Daily {
  engine: Engine;
  source: Sql;
  columns: readonly string[];
  spec: Config['features'];
}

/** Up to so many days are aggregated one by one, which is faster than rolling over all days of their windows. */
const APART = 4;

/** Recency looks back without end, so a version of a day stands for all days up to it. */
function versionsSoFar(days: readonly string[]): string[] {
  let last = '';
  return days.map((day) => {
    last = idOf([last, day]);
    return last;
  });
}

/**
 * The days after a changed day for which it has become, or is no longer, the last active day of some user: up to the user's next
 * active day. Compares the table's is_active_day with the new one.
 */
async function recencyTails(
  { engine, source }: Daily,
  { path }: DailyTable,
  changed: readonly number[],
  last: number,
): Promise<number[]> {
  if (changed.length === 0) {
    return [];
  }
  const tails = await engine.rows<{ day: number; until: number }>(
    sql`WITH moved AS (
        SELECT now.user_id, now.as_of_date AS moved_on FROM ${source} AS now
        JOIN ${readTable(engine, path)} AS old ON old.user_id = now.user_id AND old.as_of_date = now.as_of_date
        WHERE now.as_of_date IN (${dayList(changed)}) AND old.as_of_date IN (${dayList(changed)}) AND old.is_active_day <> now.is_active_day
      ), next AS (
        SELECT moved.user_id, moved_on, min(as_of_date) AS next_on FROM moved
        LEFT JOIN (SELECT user_id, as_of_date FROM ${source} AS later WHERE is_active_day = 1) AS active
          ON active.user_id = moved.user_id AND active.as_of_date > moved_on
        GROUP BY moved.user_id, moved_on
      )
      SELECT ${engine.dialect.dayNumber(raw('moved_on'))} AS day,
        max(coalesce(${engine.dialect.dayNumber(raw('next_on'))}, ${raw(String(last + 1))})) AS until
      FROM next GROUP BY moved_on`,
  );
  return tails.flatMap(({ day, until }) => Array.from({ length: until - day }, (_, i) => day + i));
}

/** Which rows are wanted; without any choice all of them. */
interface Choice {
  days?: readonly number[];
  /** The days that are not wanted. */
  otherDays?: readonly number[];
  users?: Sql;
}

/** Rows of the table by windows that roll over each user's days. */
function rollingDays({ engine, source, columns, spec }: Daily, { days, otherDays, users }: Choice = {}): Sql {
  const day = engine.dialect.dayNumber(sql`as_of_date`);
  const frames = spec.windows.map(
    (window) =>
      sql`${raw(`last_${window}`)} AS (PARTITION BY user_id ORDER BY _day ROWS BETWEEN ${raw(String(window - 1))} PRECEDING AND CURRENT ROW)`,
  );
  const rolling = rollingColumns(spec, (window) => raw(` OVER last_${window}`));
  const span = days && { from: days[0] - longestWindow(spec) + 1, to: days[days.length - 1] + 1 };
  const conditions = [
    ...(span ? [betweenDays(sql`as_of_date`, dayOfNumber(span.from), dayOfNumber(span.to))] : []),
    ...(users ? [users] : []),
  ];
  const wanted = days
    ? sql` WHERE as_of_date IN (${dayList(days)})`
    : otherDays && otherDays.length > 0
      ? sql` WHERE as_of_date NOT IN (${dayList(otherDays)})`
      : raw('');
  // The last active day may lie before the days that are read.
  const before = span
    ? lastActive(engine, source, sql`as_of_date < CAST(${dayOfNumber(span.from)} AS DATE)`)
    : null;
  const [lastDay, join_] = before
    ? [
        sql`coalesce(_rolled_active_day, before._last_active_day)`,
        sql` LEFT JOIN (${before}) AS before USING (user_id)`,
      ]
    : [raw('_rolled_active_day'), raw('')];
  return sql`
    WITH days AS (
      SELECT *, ${day} AS _day FROM ${source} AS daily${conditions.length > 0 ? sql` WHERE ${join(conditions, ' AND ')}` : raw('')}
    ), windows AS (
      SELECT *, max(CASE WHEN is_active_day = 1 THEN _day END) OVER so_far AS _rolled_active_day${rolling}
      FROM days
      WINDOW ${join(frames)}, so_far AS (PARTITION BY user_id ORDER BY _day ROWS UNBOUNDED PRECEDING)
    )
    SELECT ${columnsOf(columns, spec)}
    FROM (SELECT windows.*, ${lastDay} AS _last_active_day FROM windows${join_}) AS rolled${wanted}`;
}

/** The same rows for a few days, each by one aggregate over the days of its windows. */
function eachDay(daily: Daily, days: readonly number[]): Sql {
  return join(
    days.map((day) => sql`SELECT * FROM (${oneDay(daily, day)}) AS one`),
    ' UNION ALL ',
  );
}

function oneDay({ engine, source, columns, spec }: Daily, day: number): Sql {
  const [date, next] = [dayOfNumber(day), dayOfNumber(day + 1)];
  const begin = (window: number) => dayOfNumber(day - window + 1);
  const rolling = rollingColumns(
    spec,
    (window) => sql` FILTER (WHERE as_of_date >= CAST(${begin(window)} AS DATE))`,
  );
  const isDay = sql`as_of_date = CAST(${date} AS DATE)`;
  return sql`
    WITH today AS (
      SELECT *, ${engine.dialect.dayNumber(sql`as_of_date`)} AS _day FROM ${source} AS daily WHERE ${isDay}
    ), windows AS (
      SELECT user_id${rolling} FROM ${source} AS daily
      WHERE ${betweenDays(sql`as_of_date`, begin(longestWindow(spec)), next)} GROUP BY user_id
    )
    SELECT ${columnsOf(columns, spec)}
    FROM today JOIN windows USING (user_id)
    LEFT JOIN (${lastActive(engine, source, sql`as_of_date < CAST(${next} AS DATE)`)}) AS active USING (user_id)`;
}

/** Per user: the number of the last active day among some days. */
function lastActive(engine: Engine, source: Sql, among: Sql): Sql {
  return sql`SELECT user_id, max(${engine.dialect.dayNumber(sql`as_of_date`)}) AS _last_active_day
    FROM ${source} AS daily WHERE is_active_day = 1 AND ${among} GROUP BY user_id`;
}
