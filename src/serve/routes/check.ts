import { isDay } from '../../time.js';
import { ProblemList } from '../invalid-rows.js';

/** @throws InvalidRows for a day that is in no calendar */
export function checkDay(day: string | null | undefined, field: string): void {
  if (day != null && !isDay(day)) {
    refuse(field, 'an existing day as YYYY-MM-DD', day);
  }
}

/** @throws InvalidRows */
export function refuse(field: string, expected: string, value: unknown): never {
  const problems = new ProblemList();
  problems.add(field, expected, value);
  problems.throwIfAny();
  throw new Error('not reached');
}
