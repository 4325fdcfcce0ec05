import { ChurnError } from '../error.js';

/** One value of a request that cannot be used. */
export interface FieldProblem {
  /** `features.plan`; rows of a batch: `rows[3].features.plan`; columns: `columns.plan[3]`. */
  field: string;
  expected: string;
  /** The value as JSON (shortened) or a word for it. */
  came: string;
}

/** More problems than these are counted, not named. */
export const MOST_PROBLEMS = 100;

/** Values of a request that the model cannot use: all of them, not just the first. Answered with 400. */
export class InvalidRows extends ChurnError {
  /** At most MOST_PROBLEMS. */
  readonly problems: readonly FieldProblem[];
  /** How many there were. */
  readonly count: number;

  constructor(problems: readonly FieldProblem[], count = problems.length) {
    const [first] = problems;
    const others = count > 1 ? ` (and ${count - 1} more)` : '';
    super('usage.invalid', {
      expected: `${first.expected} in ${first.field}`,
      came: `${first.came}${others}`,
    });
    this.name = 'InvalidRows';
    this.problems = problems.slice(0, MOST_PROBLEMS);
    this.count = count;
  }
}

/** Collects problems in constant memory. */
export class ProblemList {
  readonly named: FieldProblem[] = [];
  count = 0;

  add(field: string, expected: string, value: unknown): void {
    this.count++;
    if (this.named.length < MOST_PROBLEMS) {
      this.named.push({ field, expected, came: shown(value) });
    }
  }

  /** What came in words of ours. */
  addInWords(field: string, expected: string, came: string): void {
    this.add(field, expected, undefined);
    if (this.count <= MOST_PROBLEMS) {
      this.named[this.count - 1].came = came;
    }
  }

  /** @throws InvalidRows when there are any. */
  throwIfAny(): void {
    if (this.count > 0) {
      throw new InvalidRows(this.named, this.count);
    }
  }
}

const LONGEST = 80;

/** A value as a person would write it, never longer than a line. */
export function shown(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return String(value);
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  if (typeof value === 'object' && value !== null) {
    return 'an object';
  }
  const text =
    JSON.stringify(typeof value === 'string' ? value.slice(0, LONGEST + 1) : value) ?? typeof value;
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
