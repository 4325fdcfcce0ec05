import type { BrierParts } from './brier-parts.js';
import type { Calibration } from './calibration.js';
import type { FlaggedReport } from './flagged.js';
import type { GainsRow } from './gains.js';
import type { MaturityPoint } from './maturity.js';
import type { ReliabilityBin } from './reliability.js';
import type { TreatmentReport } from './treatment.js';

export type Interval = [low: number, high: number];

/** Ids of the measures of a scored and labelled sample. */
export type MeasureId = 'pr_auc' | 'roc_auc' | 'log_loss' | 'brier';

/** A measure with its interval; null with a reason where undefined. */
export interface MeasureValue {
  value: number | null;
  interval: Interval | null;
  reason?: string;
}

/** `score_proxy_latest.json`: the first five fields are the contract's. */
export interface EvaluationReport {
  pr_auc: number | null;
  roc_auc: number | null;
  sample_size: number;
  prediction_date: string | null;
  evaluation_date: string | null;
  state: 'ok' | 'insufficient_data';
  log_loss: number | null;
  brier: number | null;
  positives: number;
  positive_rate: number | null;
  /** Predictions by what is known of their outcome; `excluded`: outside the population, or the user is unknown. */
  counts: { matched: number; immature: number; unmatched: number; excluded: number };
  intervals: Partial<Record<MeasureId, Interval>>;
  /** Why a measure is null, and warnings such as few positives. */
  reasons: Partial<Record<MeasureId, string>>;
  /** The first day on which immature predictions can be judged. */
  matures_on: string | null;
  version: string | null;
}

/** The same with what a person wants to know beyond the measures that rules and dashboards read. */
export interface DetailedEvaluationReport extends EvaluationReport {
  /** Outcomes are counted as they were known at the end of this day; null: all that are there. */
  known_on: string | null;
  /** Figures of before the last outcomes can have come; they may still move, and no rule acts on them. */
  provisional: (Record<MeasureId, number | null> & { sample_size: number; because: string }) | null;
  /** How soon outcomes became known; null where nothing tells. */
  maturity: MaturityPoint[] | null;
  /** Null where nothing tells who was treated. */
  treatment: TreatmentReport | null;
  /** What is too odd, or too good, to be true. */
  warnings: string[];
  /** Average precision over the positive rate, which is what chance reaches. */
  pr_auc_lift: number | null;
  ece: number | null;
  /** `within`: what is left of the Brier score, from scores that differ inside a bin. */
  brier_parts: (BrierParts & { within: number }) | null;
  calibration: Calibration & { bins: ReliabilityBin[] };
  flagged: FlaggedReport;
  gains: GainsRow[];
}

/** Champion against challenger on the same rows. */
export interface ComparisonReport {
  champion: string;
  challenger: string;
  window: { from: string; to: string } | null;
  rows: number;
  positives: number;
  users: number;
  measures: Record<
    MeasureId,
    {
      champion: number | null;
      challenger: number | null;
      difference: number | null;
      interval: Interval | null;
    }
  >;
  /** What the verdict is about: the gain (positive: challenger better) must exceed `minimum_gain` for certain. */
  primary: MeasureId;
  minimum_gain: number;
  /** One-sided 95 % lower bound of the gain; null when undefined. */
  gain_lower_bound: number | null;
  checks: { id: string; passed: boolean; because: string }[];
  verdict: 'better' | 'not_better' | 'undecided';
}
