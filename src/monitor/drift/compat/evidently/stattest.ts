import type { RawColumn, RawValues } from '../compat.js';

/** A number of Evidently's: a distance, or a p-value. Null with the reason where Evidently raises an error. */
export type StatTestValue = { value: number } | { value: null; reason: string };

/** One of Evidently's statistical tests, by the name that its configuration knows. */
export interface StatTest {
  name: string;
  appliesTo: readonly RawColumn['kind'][];
  /** Drift is called when a distance reaches the threshold, or a p-value is below it. */
  form: 'distance' | 'p_value';
  threshold: number;
  of(reference: RawValues, current: RawValues, kind: RawColumn['kind']): StatTestValue;
}
