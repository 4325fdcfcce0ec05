/** A column as runs of equal values: the rows of a batch share most of theirs. */
export interface Runs<T> {
  values: T[];
  /** The row behind each run. */
  ends: number[];
}

export function newRuns<T>(): Runs<T> {
  return { values: [], ends: [] };
}

/** Makes `value` that of all rows up to `end` which have none yet. */
export function extend<T>({ values, ends }: Runs<T>, value: T, end: number): void {
  const last = values.length - 1;
  if (last >= 0 && values[last] === value) {
    ends[last] = end;
  } else {
    values.push(value);
    ends.push(end);
  }
}

/** The same runs with other values. */
export function mapped<T, U>({ values, ends }: Runs<T>, change: (value: T) => U): Runs<U> {
  return { values: values.map(change), ends };
}
