import type { Config } from '../../../src/config/schema.js';
import { addDays, daysBetween } from '../../../src/time.js';
import type { Row } from '../project.js';

/** An event as the brute force sees it: its day in UTC and its columns under our names. */
export interface PlainEvent {
  user_id: string | number;
  day: string;
  event_type: string;
  watch_minutes?: number | null;
  quiz_score?: number | null;
}

export interface PlainUser {
  user_id: string | number;
  signup_date: string;
  [name: string]: string | number | null;
}

type Types = 'all' | string | string[];

const ofTypes = (types: Types) => (event: PlainEvent) =>
  types === 'all' || [types].flat().includes(event.event_type);
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: number[]) => (values.length === 0 ? null : sum(values) / values.length);

/**
 * The contract written down as loops: every user and day, windows by looking back day by day. Slow and plain, so that
 * it can be believed; it shares no code with the SQL.
 */
export function bruteForce(config: Config, users: PlainUser[], events: PlainEvent[]): Row[] {
  const days = events.map((event) => event.day).sort();
  const [first, last] = [days[0], days[days.length - 1]];
  const calendar = Array.from({ length: daysBetween(first, last) + 1 }, (_, i) => addDays(first, i));
  return users.flatMap((user) => {
    const own = events.filter((event) => String(event.user_id) === String(user.user_id));
    const rows: Row[] = calendar.map((day) =>
      dailyRow(
        config,
        user,
        day,
        own.filter((event) => event.day === day),
      ),
    );
    rows.forEach((row, i) => {
      Object.assign(row, derived(config, rows, i));
    });
    return rows;
  });
}

function dailyRow(config: Config, user: PlainUser, day: string, events: PlainEvent[]): Row {
  const row: Row = { user_id: user.user_id, as_of_date: day };
  for (const [name, aggregate] of Object.entries(config.features.daily)) {
    if ('count' in aggregate) {
      row[name] = events.filter(ofTypes(aggregate.count)).length;
      continue;
    }
    const column =
      'sum' in aggregate ? aggregate.sum : 'mean' in aggregate ? aggregate.mean : aggregate.distinct;
    const values = events
      .filter(ofTypes(aggregate.of))
      .map((event) => (event as unknown as Record<string, number | null | undefined>)[column])
      .filter((value): value is number => value !== null && value !== undefined && !Number.isNaN(value));
    row[name] = 'sum' in aggregate ? sum(values) : 'mean' in aggregate ? mean(values) : new Set(values).size;
  }
  row.is_active_day = events.some(ofTypes(config.features.activity)) ? 1 : 0;
  row.days_since_signup = Math.max(0, daysBetween(user.signup_date, day));
  row.signup_date = user.signup_date;
  for (const name of config.features.static.filter((column) => column in user)) {
    row[name] = user[name];
  }
  return row;
}

function derived(config: Config, rows: Row[], i: number): Row {
  const out: Row = {};
  for (const window of config.features.windows) {
    const seen = rows.slice(Math.max(0, i - window + 1), i + 1);
    for (const [name, aggregate] of Object.entries(config.features.rolling)) {
      const values = seen
        .map((row) => row[Object.values(aggregate)[0]])
        .filter((value) => value !== null) as number[];
      out[`${name}_${window}d`] =
        'sum' in aggregate
          ? sum(values)
          : 'mean' in aggregate
            ? mean(values)
            : values.length
              ? Math.max(...values)
              : null;
    }
  }
  for (const [name, ratio] of Object.entries(config.features.ratios)) {
    const below = sum(ratio.denominator.map((part) => Number(out[part])));
    out[name] = below === 0 ? ratio.empty : Number(out[ratio.numerator]) / below;
  }
  const active = rows.findLastIndex((row, j) => j <= i && row.is_active_day === 1);
  out.days_since_last_activity = active < 0 ? rows[i].days_since_signup : i - active;
  return out;
}

/** Labels by inactivity: active days strictly after the day, only where the whole horizon has been seen. */
export function bruteForceLabels(rows: Row[], horizon: number): Row[] {
  const byUser = groupBy(rows);
  return [...byUser.values()].flatMap((own) =>
    own.slice(0, Math.max(0, own.length - horizon)).map((row, i) => {
      const future = sum(own.slice(i + 1, i + 1 + horizon).map((later) => Number(later.is_active_day)));
      return {
        user_id: row.user_id,
        as_of_date: row.as_of_date,
        future_active_days: future,
        churn_label: future === 0 ? 1 : 0,
      };
    }),
  );
}

function groupBy(rows: Row[]): Map<Row[string], Row[]> {
  const groups = new Map<Row[string], Row[]>();
  for (const row of rows) {
    groups.set(row.user_id, [...(groups.get(row.user_id) ?? []), row]);
  }
  return groups;
}
