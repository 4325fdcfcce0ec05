import { dayNumber, dayOfNumber, type Window } from '../../time.js';
import type { DaysVersion, TableState, UsersVersion } from './table-state.js';

/** What is to be done about a table. */
export type Plan =
  | { kind: 'skip'; why: string }
  | { kind: 'whole'; why: string }
  /** `changed`: numbers of the input's days that are new or changed; `newUsers`: the table lacks some users. */
  | { kind: 'days'; changed: number[]; newUsers: boolean; why: string };

/** What is made anew although nothing changed: everything, or some days. */
export type Rebuild = 'all' | Window;

/**
 * Compares what a table was made from with what it would be made from now. In doubt the answer is to make it whole: where it says
 * nothing of itself, where settings changed, where users changed other than by new ones, where the days begin elsewhere or end
 * earlier.
 */
export function planOf(
  old: TableState | null,
  now: { settings: string; inputs: DaysVersion | null },
  rebuild?: Rebuild,
): Plan {
  const { settings, inputs } = now;
  const whole = (why: string): Plan => ({ kind: 'whole', why });
  if (rebuild === 'all') {
    return whole('asked for');
  }
  if (old === null) {
    return whole('there was no table with a record of what it was made from');
  }
  if (inputs === null) {
    return whole('its input has no record of what it was made from');
  }
  if (old.settings !== settings) {
    return whole('settings changed');
  }
  const users = usersChange(old.inputs.users, inputs.users);
  if (users === 'changed') {
    return whole('users changed');
  }
  if (old.inputs.first !== inputs.first || old.inputs.days.length > inputs.days.length) {
    return whole('the days begin or end elsewhere');
  }
  const changed = changedDays(old.inputs, inputs, rebuild);
  const newUsers = users === 'grown';
  if (changed.length === 0 && !newUsers) {
    return { kind: 'skip', why: rebuild ? 'none of the days asked for is there' : 'nothing changed' };
  }
  const parts = [
    ...(changed.length > 0
      ? [`${rebuild ? 'asked for, new or changed' : 'new or changed'}: ${spansText(changed)}`]
      : []),
    ...(newUsers ? ['new users'] : []),
  ];
  return { kind: 'days', changed, newUsers, why: parts.join('; ') };
}

/** Beyond this share of all days the whole table is made anew: that reads everything once. */
const LARGEST_SHARE = 0.5;

/** Whether so many days of a table are better made with all others. */
export function isMost(days: number, all: number): boolean {
  return days > LARGEST_SHARE * all;
}

export function usersChange(old: UsersVersion, now: UsersVersion): 'same' | 'grown' | 'changed' {
  if (old.id === '' || now.id === '') {
    return 'changed';
  }
  return old.id === now.id ? 'same' : now.grown_from.includes(old.id) ? 'grown' : 'changed';
}

function changedDays(old: DaysVersion, now: DaysVersion, rebuild?: Window): number[] {
  const asked = rebuild && { from: dayNumber(rebuild.from), to: dayNumber(rebuild.to) };
  return now.days.flatMap((id, i) => {
    const day = now.first + i;
    const isAsked = asked !== undefined && day >= asked.from && day < asked.to;
    return isAsked || old.days[i] !== id ? [day] : [];
  });
}

/** All days of [day + from, day + to] for any of the days, within [first, last], ascending. */
export function daysAround(
  days: readonly number[],
  reach: { from: number; to: number },
  within: { first: number; last: number },
): number[] {
  const all = new Set<number>();
  for (const day of days) {
    const end = Math.min(day + reach.to, within.last);
    for (let near = Math.max(day + reach.from, within.first); near <= end; near++) {
      all.add(near);
    }
  }
  return [...all].sort((a, b) => a - b);
}

/** Days as spans of days that follow one another, both ends included. */
export function spansOf(days: readonly number[]): { from: string; to: string }[] {
  const spans: [number, number][] = [];
  for (const day of days) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] === day - 1) {
      last[1] = day;
    } else {
      spans.push([day, day]);
    }
  }
  return spans.map(([from, to]) => ({ from: dayOfNumber(from), to: dayOfNumber(to) }));
}

/** So many spans are written out. */
const SPANS_SHOWN = 3;

export function spansText(days: readonly number[]): string {
  const spans = spansOf(days).map(({ from, to }) => (from === to ? from : `${from} to ${to}`));
  const more = spans.length - SPANS_SHOWN;
  return more > 0 ? `${spans.slice(0, SPANS_SHOWN).join(', ')} and ${more} more` : spans.join(', ');
}
