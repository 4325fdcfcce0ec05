import type { PerformanceEstimate } from './estimate.js';
import type { DetailedEvaluationReport } from './report.js';

/** An estimate of one measure beside what came. */
export interface EstimateOutcome {
  estimated: number;
  realised: number;
  /** Estimated less realised. */
  error: number;
  /** Whether the realised value lay within the band; null without a band. */
  in_band: boolean | null;
}

/** How well estimates have done so far, by measure. */
export interface EstimateTrack {
  estimates: number;
  /** Mean error: above 0, estimates promise too much. */
  mean_error: number;
  mean_absolute_error: number;
  /** Share of the estimates with a band that held the realised value; null without any. */
  in_band: number | null;
}

/** Each measure that has both an estimate and a realised value. */
export function compareValues(
  { measures }: Pick<PerformanceEstimate, 'measures'>,
  came: Record<string, number | null>,
): Record<string, EstimateOutcome> {
  const outcomes = Object.entries(measures).flatMap(([id, { value: estimated, band }]) => {
    const realised = came[id] ?? null;
    if (estimated === null || realised === null) {
      return [];
    }
    const in_band = band && band[0] <= realised && realised <= band[1];
    return [[id, { estimated, realised, error: estimated - realised, in_band }] as const];
  });
  return Object.fromEntries(outcomes);
}

/** The same against an evaluation. */
export function compareEstimate(
  estimate: Pick<PerformanceEstimate, 'measures'>,
  { pr_auc, roc_auc, flagged }: DetailedEvaluationReport,
): Record<string, EstimateOutcome> {
  const values = Object.entries(flagged.measures).map(([id, { value }]) => [id, value]);
  return compareValues(estimate, { pr_auc, roc_auc, ...Object.fromEntries(values) });
}

/** The running record over estimates whose outcomes have come. */
export function estimateTrack(
  outcomes: readonly Record<string, EstimateOutcome>[],
): Record<string, EstimateTrack> {
  const ids = [...new Set(outcomes.flatMap((outcome) => Object.keys(outcome)))];
  return Object.fromEntries(
    ids.map((id) => {
      const known = outcomes.flatMap((outcome) => outcome[id] ?? []);
      const banded = known.filter(({ in_band }) => in_band !== null);
      const mean = (of: (outcome: EstimateOutcome) => number) =>
        known.reduce((sum, outcome) => sum + of(outcome), 0) / known.length;
      return [
        id,
        {
          estimates: known.length,
          mean_error: mean(({ error }) => error),
          mean_absolute_error: mean(({ error }) => Math.abs(error)),
          in_band:
            banded.length === 0 ? null : banded.filter(({ in_band }) => in_band).length / banded.length,
        },
      ];
    }),
  );
}
