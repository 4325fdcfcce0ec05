export type Confidence = 'high' | 'medium' | 'low';

export interface Alternative {
  value: unknown;
  because: string;
}

/** Something proposed, and why. */
export interface Reasoned<T> {
  value: T;
  because: string;
  confidence: Confidence;
  alternatives: Alternative[];
}

/** One key of the configuration with its value. */
export interface Setting extends Reasoned<unknown> {
  /** Names from the root of churn.yaml down. */
  path: string[];
}

/** What a look at files led to. */
export interface Proposal {
  settings: Setting[];
  files: { files: string; role: 'events' | 'users' | 'not used'; because: string }[];
  /** Columns that nothing reads, and why. */
  left_out: { files: string; column: string; because: string }[];
  /** What the owner of the data should look at before trusting the result. */
  notes: string[];
}
