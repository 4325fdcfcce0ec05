import { ChurnError } from '../../error.js';

/** A labelled sample: label 0 or 1 and user (dense index 0..users-1) of each row. */
export interface LabelledRows {
  labels: Uint8Array;
  units: Int32Array;
}

/** Users as numbers from 0, in the order in which they first come. */
export function denseUnits(users: ArrayLike<string | number>): Int32Array {
  const numbers = new Map<string | number, number>();
  return Int32Array.from(users, (user: string | number) => {
    const known = numbers.get(user) ?? numbers.size;
    numbers.set(user, known);
    return known;
  });
}

/** One more than the highest user index. */
export function usersOf(units: Int32Array): number {
  let most = -1;
  for (let row = 0; row < units.length; row++) {
    most = units[row] > most ? units[row] : most;
  }
  return most + 1;
}

/**
 * The units without numbers that no row has: resampling would draw users who are not there. A part of a larger table has
 * such gaps.
 */
export function withoutGaps(units: Int32Array, users: number): Int32Array {
  return usersOf(units) === users ? units : denseUnits(units);
}

/** Users, not rows, are what a sample knows: counts of them, by class. */
export interface UserCounts {
  rows: number;
  positives: number;
  users: number;
  /** Users with at least one positive row, with at least one negative row. */
  usersOfClass: { positive: number; negative: number };
  oneRowPerUser: boolean;
}

/** @throws ChurnError data.invalid when lengths differ or an index is negative */
export function countUsers({ labels, units }: LabelledRows): UserCounts {
  if (units.length !== labels.length || units.some((unit) => unit < 0)) {
    throw new ChurnError('data.invalid', {
      expected: `a user index >= 0 for each of ${labels.length} rows`,
      came: units.length === labels.length ? 'a negative index' : `${units.length} indices`,
    });
  }
  const seen = new Uint8Array(usersOf(units));
  let positives = 0;
  for (let i = 0; i < units.length; i++) {
    seen[units[i]] |= labels[i] === 1 ? 1 : 2;
    positives += labels[i] === 1 ? 1 : 0;
  }
  let users = 0;
  let positive = 0;
  let negative = 0;
  for (let user = 0; user < seen.length; user++) {
    const classes = seen[user];
    users += classes > 0 ? 1 : 0;
    positive += classes & 1;
    negative += classes >> 1;
  }
  return {
    rows: labels.length,
    positives,
    users,
    usersOfClass: { positive, negative },
    oneRowPerUser: users === labels.length,
  };
}

/** The class with fewer users, with their number. */
export function smallerClass({ usersOfClass: { positive, negative } }: UserCounts): {
  name: string;
  users: number;
} {
  return positive <= negative ? { name: 'positive', users: positive } : { name: 'negative', users: negative };
}
