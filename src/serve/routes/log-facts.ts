import type { Encoding } from '../../model/encode.js';
import type { ColumnValues } from '../predict.js';
import { HttpProblem } from '../problem.js';
import { checkDay, refuse } from './check.js';

/** Beside the features a caller may send these, for the prediction log. A model's feature of the same name goes first. */
export const USER_ID = 'user_id';
export const SNAPSHOT_DATE = 'snapshot_date';

/** Whose rows they are, as the log keeps it. */
export interface LogFacts {
  userIds: (string | number | null)[] | null;
  snapshotDates: (string | null)[] | null;
}

/** Takes what is meant for the log out of `columns`. @throws InvalidRows (400) */
export function takeLogFacts(
  columns: Record<string, ColumnValues>,
  encoding: Encoding,
  place: string,
): LogFacts {
  const take = (name: string): unknown[] | null => {
    if (columns[name] === undefined || isFeature(name, encoding)) {
      return null;
    }
    const values = Array.from(columns[name] as readonly unknown[]);
    delete columns[name];
    return values;
  };
  return {
    userIds: take(USER_ID)?.map((id, row) => userIdOf(id, `${place}.${USER_ID}[${row}]`)) ?? null,
    snapshotDates:
      take(SNAPSHOT_DATE)?.map((day, row) => dayOf(day, `${place}.${SNAPSHOT_DATE}[${row}]`)) ?? null,
  };
}

export function isFeature(name: string, { features }: Encoding): boolean {
  return features.some((feature) => feature.name === name);
}

const LONGEST_ID = 256;

/** Missing ids (null, NaN) are null. @throws InvalidRows (400) */
export function userIdOf(id: unknown, field: string): string | number | null {
  if (id == null || Number.isNaN(id)) {
    return null;
  }
  if (Number.isSafeInteger(id) || (typeof id === 'string' && id.length <= LONGEST_ID)) {
    return id as string | number;
  }
  return refuse(field, `a text of up to ${LONGEST_ID} characters or a whole number`, id);
}

/** @throws InvalidRows (400) */
export function dayOf(day: unknown, field: string): string | null {
  if (day == null || Number.isNaN(day)) {
    return null;
  }
  if (typeof day !== 'string') {
    refuse(field, 'a day as YYYY-MM-DD', day);
  }
  checkDay(day, field);
  return day;
}

/** @throws HttpProblem 413 */
export function requireFewRows(rows: number, most: number): void {
  if (rows > most) {
    throw new HttpProblem('http.too_large', `expected at most ${most} rows; got ${rows}`);
  }
}
