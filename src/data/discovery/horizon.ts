import type { EventFacts, HorizonFacts } from './facts.js';
import type { Reasoned } from './proposal.js';
import { count, percent } from './text.js';

/** Horizons that people use: a week to a quarter. */
export const HORIZONS: readonly number[] = [7, 14, 30, 60, 90];

/** Returns that a horizon may miss. */
export const LATE_RETURNS = 0.05;

/** Of those who were silent for a horizon, the share that may come back: most stay away. */
export const RETURNED_AFTER = 0.5;

/** Fewest days to learn from that are worth a model, as model/split.ts has it. */
const FEWEST_DAYS = 14;
const TEST_SHARE = 0.2;

/** Days of history that a first model needs: complete windows, days to learn from, a gap, days to test on, a horizon. */
export function daysNeeded(horizon: number, windows: readonly number[]): number {
  const labelled = Math.ceil((FEWEST_DAYS + horizon) / (1 - TEST_SHARE));
  return Math.max(...windows) - 1 + labelled + horizon;
}

/** Lengths of windows beside a horizon, which is always one of them: all that the history has room for; null: none. */
export function windowsFor(horizon: number, days: number): number[] | null {
  const full = horizon <= 30 ? [7, 14, 30, horizon] : [7, 30, horizon];
  const sets = [full, [7, horizon], [horizon]].map((set) => [...new Set(set)].sort((a, b) => a - b));
  return sets.find((windows) => daysNeeded(horizon, windows) <= days) ?? null;
}

/** Days of the log between two silences of everybody. */
export interface Stretch {
  /** Day numbers, both included. */
  first: number;
  last: number;
  /** Most days from one day with an event to the next. */
  longestStep: number;
}

/**
 * The longest stretch of days without a silence of everybody that outlasts every horizon, the newest of equals. In such a
 * silence all seem to churn, and a stray event of 1970 makes one. `days` are the days with an event, in order.
 */
export function longestStretch(days: readonly number[]): Stretch {
  const longest = HORIZONS[HORIZONS.length - 1];
  let best: Stretch | null = null;
  let current: Stretch = { first: days[0], last: days[0], longestStep: 0 };
  for (const day of [...days.slice(1), Number.POSITIVE_INFINITY]) {
    const step = day - current.last;
    if (step <= longest) {
      current = { ...current, last: day, longestStep: Math.max(step, current.longestStep) };
    } else {
      best = best === null || current.last - current.first >= best.last - best.first ? current : best;
      current = { first: day, last: day, longestStep: 0 };
    }
  }
  return best ?? current;
}

export interface HorizonChoice {
  horizon: Reasoned<number>;
  windows: Reasoned<number[]>;
  /** Whether the history is long enough to train now. */
  enough: boolean;
  /** Days of history, and how many the choice needs. */
  days: number;
  needed: number;
}

/**
 * The smallest horizon that at most LATE_RETURNS of a user's returns outlast (on average over users), and after which at
 * most RETURNED_AFTER of the silent ever came back: few are called churned who are not. Periáñez et al. (Churn Prediction
 * in Mobile Social Games, 2016) choose the days of silence by that share, the "false churners". Shorter when the history
 * would not suffice for a model.
 */
export function chooseHorizon(events: EventFacts, days: number): HorizonChoice {
  // A horizon in which nobody at all is active would make everybody churn.
  const possible = events.horizons.filter((horizon) => horizon.days >= events.longestStep);
  const fitting = possible.filter((horizon) => windowsFor(horizon.days, days) !== null);
  const wanted = possible.find(isSafe) ?? possible[possible.length - 1];
  const enough = fitting.length > 0;
  const chosen = fitting.find(isSafe) ?? fitting[fitting.length - 1] ?? possible[0];
  const windows = windowsFor(chosen.days, days) ?? [chosen.days];
  const needed = daysNeeded(chosen.days, windows);
  return {
    horizon: {
      value: chosen.days,
      because: reasonFor(chosen, wanted, events, days),
      confidence: isSafe(chosen) && events.returning >= 100 ? 'high' : 'low',
      alternatives: events.horizons.filter((other) => other !== chosen).map(alternativeOf),
    },
    windows: {
      value: windows,
      because: `from a week up to ${chosen.days < 30 ? 'a month' : 'the horizon'}${windows.length === 1 ? ': the history is too short for more' : ''}; ${chosen.days} is one of them for the population`,
      confidence: 'medium',
      alternatives: [],
    },
    enough,
    days,
    needed,
  };
}

function isSafe({ lateReturns, returnedAfter }: HorizonFacts): boolean {
  const seldom = lateReturns !== null && lateReturns <= LATE_RETURNS;
  return seldom && (returnedAfter === null || returnedAfter <= RETURNED_AFTER);
}

function reasonFor(chosen: HorizonFacts, wanted: HorizonFacts, events: EventFacts, days: number): string {
  if (chosen.lateReturns === null) {
    return 'no user came back on a second day early enough to tell: a guess';
  }
  const late = `of a user's returns ${percent(chosen.lateReturns)} came after more than ${chosen.days} days (mean over ${count(events.returning)} users who came back)`;
  const back =
    chosen.returnedAfter === null
      ? ''
      : `, and of those silent for ${chosen.days} days ${percent(chosen.returnedAfter)} came back later`;
  return `${late}${back}: ${ruleFor(chosen, wanted, days)}`;
}

function ruleFor(chosen: HorizonFacts, wanted: HorizonFacts, days: number): string {
  const limits = `at most ${percent(LATE_RETURNS)} and ${percent(RETURNED_AFTER)}`;
  if (isSafe(chosen)) {
    return `the smallest of ${HORIZONS.join(', ')} with ${limits}`;
  }
  if (wanted.days > chosen.days) {
    return `${wanted.days} would fit the gaps better, but needs ${daysNeeded(wanted.days, [wanted.days])} days of history, and there are ${days}`;
  }
  return `the longest of ${HORIZONS.join(', ')}; none has ${limits}: many who are called churned will come back`;
}

function alternativeOf({ days, lateReturns, returnedAfter, userDays, churned }: HorizonFacts) {
  const late = lateReturns === null ? '' : `${percent(lateReturns)} of returns came later; `;
  const back = returnedAfter === null ? '' : `${percent(returnedAfter)} of those silent so long came back; `;
  const rate =
    userDays > 0 ? `about ${percent(churned / userDays)} of user-days at risk churn` : 'no labelled days';
  return { value: days, because: late + back + rate };
}
