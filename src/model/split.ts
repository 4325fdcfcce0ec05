import { ChurnError } from '../error.js';
import { addDays, daysBetween, type Window } from '../time.js';

export interface Split {
  /** Everything the final model may learn from. */
  learn: Window;
  /** The part of `learn` that the first fit sees. Equals `learn` when the validation is by users. */
  fit: Window;
  /** Newest part of `learn`, a purge gap after `fit`; null: some users are held out instead. */
  validation: Window | null;
  /** Newest labelled days, a purge gap after `learn`. Never learnt from. */
  test: Window;
  /** Why the validation is as it is. */
  because: string;
}

export interface SplitRequest {
  /** First labelled day, and the first day after the last one. */
  days: Window;
  testShare: number;
  validationShare: number;
  /** Days left out between the parts: a label looks so far ahead. */
  purgeDays: number;
}

/** Fewest days that a first fit is worth. */
const FEWEST_FIT_DAYS = 14;

/**
 * Splits by time: learn, gap, test; and within learn: fit, gap, validation. When the history is too short for a second
 * gap, validation is by users: their days overlap, but nobody is on both sides.
 * @throws data.insufficient when nothing is left to learn from, with the days that would be needed.
 */
export function splitByTime({ days, testShare, validationShare, purgeDays }: SplitRequest): Split {
  const total = daysBetween(days.from, days.to);
  const testDays = Math.max(1, Math.round(total * testShare));
  const learnDays = total - testDays - purgeDays;
  if (learnDays < 1) {
    throw new ChurnError('data.insufficient', {
      expected: `at least ${purgeDays + testDays + 1} labelled days (to learn from, a gap of ${purgeDays}, ${testDays} to test on)`,
      came: `${total} (${days.from} to ${addDays(days.to, -1)})`,
      fix: 'wait for more data, or see training.complete_windows and label.horizon_days',
    });
  }
  const learn = { from: days.from, to: addDays(days.from, learnDays) };
  const test = { from: addDays(days.to, -testDays), to: days.to };
  const validationDays = Math.max(1, Math.round(learnDays * validationShare));
  const fitDays = learnDays - validationDays - purgeDays;
  if (fitDays < FEWEST_FIT_DAYS) {
    return {
      learn,
      fit: learn,
      validation: null,
      test,
      because: `${learnDays} days are too few for a second gap of ${purgeDays}: validated on held-out users`,
    };
  }
  return {
    learn,
    fit: { from: learn.from, to: addDays(learn.from, fitDays) },
    validation: { from: addDays(learn.to, -validationDays), to: learn.to },
    test,
    because: `validated on the newest ${validationDays} days, ${purgeDays} days after those fitted`,
  };
}
