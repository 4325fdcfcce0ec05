import { EVENT_TYPES } from '../../../src/data/synthetic/event-types.js';
import { generateEvents } from '../../../src/data/synthetic/events.js';
import type { SyntheticSettings } from '../../../src/data/synthetic/settings.js';
import { generateUsers, type SyntheticUsers } from '../../../src/data/synthetic/users.js';
import { dayNumber } from '../../../src/time.js';

export const BASE: SyntheticSettings = {
  users: 2000,
  days: 365,
  seed: 42,
  start: '2025-01-01',
  preset: 'default',
  drift: [],
};

/** Events summed by user and day: element user * days + day. */
export interface UserDays {
  settings: SyntheticSettings;
  users: SyntheticUsers;
  events: Uint8Array;
  minutes: Float32Array;
  quizzes: Uint8Array;
  /** Missing watch_minutes, all events by day. */
  missingByDay: Int32Array;
  eventsByDay: Int32Array;
}

const MICROSECONDS_PER_DAY = 86_400_000_000;

export function userDays(changes: Partial<SyntheticSettings>): UserDays {
  const settings = { ...BASE, ...changes };
  const users = generateUsers(settings);
  const cells = users.chunk.rows * settings.days;
  const sums: UserDays = {
    settings,
    users,
    events: new Uint8Array(cells),
    minutes: new Float32Array(cells),
    quizzes: new Uint8Array(cells),
    missingByDay: new Int32Array(settings.days),
    eventsByDay: new Int32Array(settings.days),
  };
  const quiz = EVENT_TYPES.indexOf('quiz_attempt');
  const first = dayNumber(settings.start);
  for (const { rows, columns } of generateEvents(settings, users)) {
    const [, userIds, times, types, , minutes] = columns as Float64Array[];
    for (let i = 0; i < rows; i++) {
      const day = Math.floor(times[i] / MICROSECONDS_PER_DAY) - first;
      const cell = (userIds[i] - 1) * settings.days + day;
      sums.events[cell]++;
      sums.quizzes[cell] += types[i] === quiz ? 1 : 0;
      sums.eventsByDay[day]++;
      if (Number.isNaN(minutes[i])) {
        sums.missingByDay[day]++;
      } else {
        sums.minutes[cell] += minutes[i];
      }
    }
  }
  return sums;
}

export const FEATURES = [
  'active_days_7d',
  'active_days_30d',
  'watch_minutes_7d',
  'watch_minutes_30d',
  'quiz_attempts_7d',
  'days_since_last_activity',
  'tenure',
  'engagement_score',
] as const;
export type Feature = (typeof FEATURES)[number];

/** Feature values of users active in the 30 days up to and including a day, for the days in [from, to). */
export function featureValues(sums: UserDays, from: number, to: number): Record<Feature, number[]> {
  const { days } = sums.settings;
  const { signup, score } = sums.users.population;
  const values = Object.fromEntries(FEATURES.map((name) => [name, []])) as unknown as Record<
    Feature,
    number[]
  >;
  for (let user = 0; user < signup.length; user++) {
    for (let day = Math.max(from, signup[user]); day < to; day++) {
      const at = user * days + day;
      const active30 = active(sums.events, at, Math.min(30, day + 1));
      if (active30 === 0) {
        continue;
      }
      let silent = 0;
      while (sums.events[at - silent] === 0) {
        silent++;
      }
      values.active_days_7d.push(active(sums.events, at, 7));
      values.active_days_30d.push(active30);
      values.watch_minutes_7d.push(total(sums.minutes, at, 7));
      values.watch_minutes_30d.push(total(sums.minutes, at, 30));
      values.quiz_attempts_7d.push(total(sums.quizzes, at, 7));
      values.days_since_last_activity.push(silent);
      values.tenure.push(day - signup[user]);
      values.engagement_score.push(score[user]);
    }
  }
  return values;
}

function active(events: Uint8Array, at: number, days: number): number {
  let count = 0;
  for (let i = at - days + 1; i <= at; i++) {
    count += events[i] > 0 ? 1 : 0;
  }
  return count;
}

function total(cells: Float32Array | Uint8Array, at: number, days: number): number {
  let sum = 0;
  for (let i = at - days + 1; i <= at; i++) {
    sum += cells[i];
  }
  return sum;
}

/** Population stability index on ten quantile bins of the reference, open at both ends. */
export function psi(reference: readonly number[], current: readonly number[]): number {
  const sorted = Float64Array.from(reference).sort();
  const edges = [
    ...new Set(Array.from({ length: 9 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / 10)])),
  ];
  const expected = shares(reference, edges);
  const found = shares(current, edges);
  return expected.reduce((sum, share, i) => sum + (found[i] - share) * Math.log(found[i] / share), 0);
}

function shares(values: readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    let bin = 0;
    while (bin < edges.length && value > edges[bin]) {
      bin++;
    }
    counts[bin]++;
  }
  return counts.map((count) => Math.max(count / values.length, 1e-4));
}

/** Share of users active in the 30 days up to `day` who have no event in the 30 days after it. */
export function churnRate(sums: UserDays, day: number): number {
  let atRisk = 0;
  let churned = 0;
  for (let user = 0; user < sums.users.chunk.rows; user++) {
    const at = user * sums.settings.days + day;
    if (active(sums.events, at, 30) > 0) {
      atRisk++;
      churned += active(sums.events, at + 30, 30) === 0 ? 1 : 0;
    }
  }
  return churned / atRisk;
}
