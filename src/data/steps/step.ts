import type { Config } from '../../config/schema.js';
import type { FileRecord } from '../../history/history.js';
import type { Day } from '../../time.js';
import type { Engine } from '../engine/engine.js';
import type { Layout } from '../layout.js';
import type { Rebuild } from '../refresh/plan.js';
import type { Refreshed } from '../refresh/refresh-table.js';

/** What a step works with. */
export interface StepContext {
  config: Config;
  layout: Layout;
  engine: Engine;
  /** As of this day; null: the data's last day. Only training-set looks at it. */
  at: Day | null;
  /** What the clock says. Only validate looks at it. */
  now: Date;
  /** What is made anew although nothing changed. */
  rebuild?: Rebuild;
  signal?: AbortSignal;
}

export interface StepOutcome {
  reads: FileRecord[];
  writes: FileRecord[];
  /** What came out, in figures, for people and for the run record. */
  result: Record<string, unknown>;
  /** What was made anew, and why. */
  refreshed: Refreshed;
}

/**
 * One step of the pipeline: states what it reads and writes, makes anew only what changed inputs or settings concern, and leaves
 * whole files or none.
 */
export interface Step {
  readonly id: string;
  readonly title: string;
  /** Places it reads and writes, as docs and `--help` show them. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  run(context: StepContext): Promise<StepOutcome>;
}
