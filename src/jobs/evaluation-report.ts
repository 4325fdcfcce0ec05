import type { Config } from '../config/schema.js';
import {
  type EvaluationOptions,
  evaluateSample,
  type SampleEvaluation,
} from '../monitor/performance/evaluate.js';
import type { MaturityPoint } from '../monitor/performance/maturity.js';
import type { DetailedEvaluationReport, EvaluationReport, MeasureId } from '../monitor/performance/report.js';
import { scoreFindings } from '../monitor/performance/sanity.js';
import { treatmentReport } from '../monitor/performance/treatment.js';
import { denseUnits, type LabelledRows } from '../monitor/performance/users.js';
import type { Day } from '../time.js';

/** Judged predictions, and how many there were of the other kinds. */
export interface ScoredOutcomes {
  scores: number[];
  labels: number[];
  /** The user of each row. */
  units: string[];
  /** 1 treated, 0 not, NaN unknown. */
  treated: number[];
  /** 1 in the random hold-out, 0 not, NaN unknown. */
  heldOut: number[];
  /** Day number of the prediction; NaN unknown. */
  days: number[];
  /** By column, a text per row. */
  segments: Record<string, string[]>;
  /** What is odd about the outcomes themselves. */
  warnings: string[];
  counts: EvaluationReport['counts'];
  version: string | null;
}

export function noOutcomes(segments: readonly string[] = []): ScoredOutcomes {
  return {
    scores: [],
    labels: [],
    units: [],
    treated: [],
    heldOut: [],
    days: [],
    segments: Object.fromEntries(segments.map((name) => [name, []])),
    warnings: [],
    counts: { matched: 0, immature: 0, unmatched: 0, excluded: 0 },
    version: null,
  };
}

/** The judged rows as the measures take them. */
export function sampleOf({ labels, scores, units }: ScoredOutcomes): LabelledRows & { scores: Float64Array } {
  return {
    labels: Uint8Array.from(labels),
    scores: Float64Array.from(scores),
    units: denseUnits(units),
  };
}

export interface EvaluationFacts {
  prediction_date: Day | null;
  evaluation_date: Day | null;
  matures_on: Day | null;
  known_on: Day | null;
  maturity: MaturityPoint[] | null;
}

/** The report on judged predictions; null measures carry their reasons. */
export function evaluationReport(
  outcomes: ScoredOutcomes,
  facts: EvaluationFacts,
  options: EvaluationOptions,
): DetailedEvaluationReport {
  const { counts } = outcomes;
  const rows = sampleOf(outcomes);
  const sample = evaluateSample(rows, options);
  const entries = Object.entries(sample.measures) as [MeasureId, (typeof sample.measures)[MeasureId]][];
  const waiting =
    facts.matures_on === null ? null : `the horizon of ${facts.prediction_date} ends on ${facts.matures_on}`;
  const reasons = entries.flatMap(([id, measure]) => {
    const reason = measure.value === null ? (waiting ?? measure.reason) : measure.reason;
    return reason === undefined ? [] : [[id, reason]];
  });
  const { pr_auc, roc_auc, log_loss, brier } = sample.measures;
  return {
    pr_auc: pr_auc.value,
    roc_auc: roc_auc.value,
    sample_size: counts.matched,
    prediction_date: facts.prediction_date,
    evaluation_date: facts.evaluation_date,
    state: pr_auc.value === null || roc_auc.value === null ? 'insufficient_data' : 'ok',
    log_loss: log_loss.value,
    brier: brier.value,
    positives: sample.positives,
    positive_rate: sample.positiveRate,
    counts,
    intervals: Object.fromEntries(
      entries.flatMap(([id, measure]) => (measure.interval === null ? [] : [[id, measure.interval]])),
    ),
    reasons: Object.fromEntries(reasons),
    matures_on: facts.matures_on,
    version: outcomes.version,
    known_on: facts.known_on,
    provisional: null,
    maturity: facts.maturity,
    treatment: treatmentReport(rows, outcomes, options),
    warnings: [...outcomes.warnings, ...scoreFindings(rows.labels, rows.scores).map(({ says }) => says)],
    ...detailsOf(sample),
  };
}

/** What a report says beyond the four measures. */
function detailsOf(
  sample: SampleEvaluation,
): Pick<
  DetailedEvaluationReport,
  'pr_auc_lift' | 'ece' | 'brier_parts' | 'calibration' | 'flagged' | 'gains'
> {
  const { brierParts: parts } = sample;
  const brier = sample.measures.brier.value;
  return {
    pr_auc_lift: sample.prAucLift,
    ece: sample.ece.value,
    brier_parts: parts && {
      ...parts,
      within: (brier as number) - (parts.reliability - parts.resolution + parts.uncertainty),
    },
    calibration: { ...sample.calibration, bins: sample.reliability },
    flagged: sample.flagged,
    gains: sample.gains,
  };
}

/** The evaluation as a project configures it. */
export function evaluationOptions({ training, evaluation }: Config): EvaluationOptions {
  const { draws, flag, costs = null } = evaluation;
  return { seed: training.seed, draws, flag, costs };
}
