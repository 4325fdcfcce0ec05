import type { Config } from '../../config/schema.js';
import { dayOfNumber } from '../../time.js';
import type { Check, Problem } from './check.js';
import { type DayCount, lastWholeDay } from './day-counts.js';
import { type FromPattern, fromWeeklyPattern } from './weekly-pattern.js';

/** Standard deviations within which a day may be chance. */
const CHANCE = 5;
/** A number that is usually smaller says too little. */
const LEAST_USUAL = 100;

type Settings = Pick<Config['checks']['volume'], 'weeks' | 'share' | 'collapse'>;

/** Effect and evidence: far from the usual, and farther than chance. All events, and else each type that is named. */
export const volume: Check = {
  id: 'volume',
  title:
    'the last whole day has about as many events as its weekday had in the weeks before, of all types and of each that is named (robust: medians of ln(1 + n); told beyond 5 standard deviations and a factor)',
  severity: 'warning',
  run: async ({ config, days, today }) => {
    const last = lastWholeDay(days, today);
    return last === null ? [] : volumeProblems(days, last, config.checks.volume);
  },
};

/** What is wrong with the volume of `last`, one of `counted`: of all events, or else of some types. */
export function volumeProblems(
  counted: readonly DayCount[],
  last: DayCount,
  settings: Settings,
): Omit<Problem, 'check'>[] {
  const judge = (what: string, number: (day: DayCount) => number) => {
    const numbers = new Map(counted.map((day) => [day.day, number(day)]));
    const found = fromWeeklyPattern(numbers, counted[0].day, last.day, settings.weeks);
    return found === null ? [] : told(what, last.day, number(last), found, settings);
  };
  const ofAll = judge('events', ({ events }) => events);
  return ofAll.length > 0
    ? ofAll
    : [...last.ofType.keys()].flatMap((type) =>
        judge(`events of type "${type}"`, ({ ofType }) => ofType.get(type) ?? 0),
      );
}

function told(
  what: string,
  day: number,
  rows: number,
  { usual, share, z }: FromPattern,
  settings: Settings,
): Omit<Problem, 'check'>[] {
  const far = share < settings.share || share > 1 / settings.share;
  if (usual < LEAST_USUAL || !far || Math.abs(z) < CHANCE) {
    return [];
  }
  return [
    {
      severity: share < settings.collapse ? 'error' : 'warning',
      source: 'events',
      message: `expected about ${Math.round(usual)} ${what} on ${dayOfNumber(day)}, as usual on this weekday; got ${rows} (${Math.round(100 * share)} %)`,
      rows,
      examples: [],
    },
  ];
}
