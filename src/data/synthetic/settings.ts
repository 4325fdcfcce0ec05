import { ChurnError } from '../../error.js';
import { type Day, parseDay } from '../../time.js';

/** Ways in which generated data can go wrong from a date on, and how strong each is unless told. */
export const DRIFT_KINDS = {
  shift: { strength: 0.5, title: 'activity and watched minutes fall by this fraction' },
  nulls: { strength: 0.8, title: 'watch_minutes is missing on this fraction of events' },
  category: {
    strength: 0.1,
    title:
      'a new plan, premium: a launch brings this fraction of users more, and half of later sign-ups take it',
  },
  concept: {
    strength: 1,
    title:
      'the engaged leave instead of the idle, without a decline; this fraction of the hazard is the new one',
  },
  feed: { strength: 0.7, title: 'this fraction of events is lost' },
} as const satisfies Record<string, { strength: number; title: string }>;

export type DriftKind = keyof typeof DRIFT_KINDS;

/** One injected drift. It lasts from the start of `date` to the end of the data; after the end it does nothing. */
export interface Drift {
  kind: DriftKind;
  date: Day;
  /** In (0, 1]; what it multiplies is told by DRIFT_KINDS. */
  strength?: number;
}

export const PRESETS = ['default', 'section-12'] as const;
export type Preset = (typeof PRESETS)[number];

export interface SyntheticSettings {
  /**
   * `default`: users at risk on every day; as those who leave are replaced, the users table is longer (about 1.7 times
   * after a year). `section-12`: all users.
   */
  users: number;
  days: number;
  seed: number | string;
  /** The first day with events. */
  start: Day;
  preset: Preset;
  drift: readonly Drift[];
}

/** @throws usage.invalid */
export function checkSettings(settings: SyntheticSettings): void {
  const { users, days, start, preset, drift } = settings;
  wholeNumber('users', users);
  wholeNumber('days', days);
  parseDay(start, 'the first day');
  if (!PRESETS.includes(preset)) {
    throw new ChurnError('usage.invalid', {
      expected: `one of the presets ${PRESETS.join(', ')}`,
      came: `"${preset}"`,
    });
  }
  drift.forEach(checkDrift);
}

function checkDrift({ kind, date, strength = 1 }: Drift): void {
  knownKind(kind);
  parseDay(date, `the date of drift ${kind}`);
  if (!(strength > 0 && strength <= 1)) {
    throw new ChurnError('usage.invalid', {
      expected: `the strength of drift ${kind} above 0 and at most 1`,
      came: String(strength),
    });
  }
}

const DRIFT_PATTERN = /^([^@]*)@([^:]*)(?::(\d.*))?$/;

/**
 * Reads a drift as a person types it: `KIND@DATE` or `KIND@DATE:STRENGTH`.
 * @throws usage.invalid
 */
export function parseDrift(text: string): Drift {
  const [, kind, date, strength] = DRIFT_PATTERN.exec(text) ?? [];
  if (kind === undefined) {
    throw new ChurnError('usage.invalid', {
      expected: 'a drift as KIND@DATE or KIND@DATE:STRENGTH',
      came: `"${text}"`,
    });
  }
  const drift: Drift = { kind: kind as DriftKind, date };
  if (strength !== undefined) {
    drift.strength = Number(strength);
  }
  checkDrift(drift);
  return drift;
}

function knownKind(kind: string): void {
  if (!Object.hasOwn(DRIFT_KINDS, kind)) {
    throw new ChurnError('usage.invalid', {
      expected: `a kind of drift: ${Object.keys(DRIFT_KINDS).join(', ')}`,
      came: `"${kind}"`,
    });
  }
}

function wholeNumber(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ChurnError('usage.invalid', {
      expected: `${name} as a whole number from 1`,
      came: String(value),
    });
  }
}
