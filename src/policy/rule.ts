import type { DriftReport } from '../monitor/drift/report.js';
import type { EvaluationReport, MeasureId, MeasureValue } from '../monitor/performance/report.js';
import type { Day, Window } from '../time.js';
import type { PolicySettings } from './settings.js';

/** All that a decision rests on; kept with it, so that it can be repeated. Evidence of after `at` is ignored. */
export interface Evidence {
  at: Day;
  champion: Champion | null;
  /** Newest first. */
  drift: Dated<DriftReport>[];
  /** Newest first; `at` is the day of the evaluation, the predictions are one horizon older. */
  evaluations: Dated<EvaluationReport>[];
  /** The last day whose outcomes are all known. */
  newest_labelled_day: Day | null;
  /** The last attempt to train a successor, whatever came of it. */
  last_retrain: { at: Day; verdict: string } | null;
}

export interface Champion {
  version: string;
  /** As of which day it was trained. */
  trained_at: Day;
  /** The days of its training data. */
  data: Window;
  /** Its held-out record, on the sampling and population that evaluations use. */
  measures: Partial<Record<MeasureId, MeasureValue>>;
  /** Share of positives in that held-out sample. */
  positive_rate: number | null;
}

/** A report with the day it is as of and the version it is about. */
export interface Dated<T> {
  at: Day;
  version: string | null;
  report: T;
}

/**
 * `quiet`: nothing to do, or nothing to be known; `pending`: the condition holds but not for long enough; `firing`: a
 * reason to retrain; `veto`: a reason not to, whatever fires.
 */
export type Says = 'quiet' | 'pending' | 'firing' | 'veto';

/** What one rule concluded. */
export interface Finding {
  rule: string;
  says: Says;
  /** In the rule's unit; null when there is nothing to measure. */
  value: number | null;
  threshold: number | null;
  /** The day on which the condition first held without a break until now; null while it does not hold. */
  since: Day | null;
  /** One sentence for people. */
  because: string;
}

/** One reason to retrain or not to. Pure: the same evidence and settings give the same finding. */
export interface Rule {
  id: string;
  title: string;
  /** Triggers are quiet, pending or firing; vetoes are quiet or veto. */
  kind: 'trigger' | 'veto';
  /** Of value and threshold; null when the rule compares no numbers. */
  unit: string | null;
  enabled(settings: PolicySettings): boolean;
  judge(evidence: Evidence, settings: PolicySettings): Omit<Finding, 'rule'>;
}

/** A finding that asks for nothing. */
export function quiet(
  because: string,
  value: number | null = null,
  threshold: number | null = null,
): Omit<Finding, 'rule'> {
  return { says: 'quiet', value, threshold, since: null, because };
}
