/** A measure's answer: a number, or null with the reason. */
export type Measured = { value: number; reason?: undefined } | { value: null; reason: string };

export type Scores = Float64Array | Float32Array;

/** How good predictions were, with its own facts; docs tables and labels are made from them. */
export interface Measure {
  id: string;
  title: string;
  /** Smallest and largest possible value. */
  range: [number, number];
  better: 'higher' | 'lower';
  /** What the rows of positive weight must hold, or the measure is null: any row, a positive one, or both classes. */
  needs: 'rows' | 'positives' | 'both_classes';
  /** Whether scores must be probabilities in [0, 1]; otherwise any number ranks. */
  probabilities: boolean;
  undefinedWhen: string;
  source: string;
  /**
   * From labels (0 or 1), scores, and weights >= 0 (default 1 each); rows of weight 0 are ignored.
   *
   * @throws ChurnError data.invalid for lengths that differ, other labels, NaN scores, scores outside [0, 1] where
   * probabilities are needed, negative weights
   */
  of(labels: Uint8Array, scores: Scores, weights?: Float64Array): Measured;
}
