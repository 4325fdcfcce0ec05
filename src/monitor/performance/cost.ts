import type { Confusion } from './confusion.js';
import type { Ranking } from './ranking.js';

/** What one row costs by what was said and what happened, in any currency; a gain is negative. */
export interface CostMatrix {
  true_positive: number;
  false_positive: number;
  false_negative: number;
  true_negative: number;
}

export interface CostReport {
  /** Cost per row at the threshold in use. */
  per_row: number;
  /** What acting at the threshold saves in all, against flagging nobody. Negative: it loses. */
  profit: number;
  /** The threshold that is cheapest on these rows; null: flagging nobody is. It is a little too good: chosen in hindsight. */
  best: { threshold: number | null; per_row: number; profit: number };
  /**
   * The threshold that is cheapest when scores are calibrated: (FP - TN) / (FP - TN + FN - TP) with the costs of each.
   * Null when flagging never, or always, pays. Source: Elkan 2001.
   */
  calibrated_threshold: number | null;
}

/** Total cost of the rows. */
export function costOf(cells: Confusion, costs: CostMatrix): number {
  return (
    cells.truePositives * costs.true_positive +
    cells.falsePositives * costs.false_positive +
    cells.falseNegatives * costs.false_negative +
    cells.trueNegatives * costs.true_negative
  );
}

/** Cost and profit at a threshold, and at the best one; null without rows. */
export function costReport(cells: Confusion, ranking: Ranking, costs: CostMatrix): CostReport | null {
  const positives = cells.truePositives + cells.falseNegatives;
  const negatives = cells.falsePositives + cells.trueNegatives;
  const rows = positives + negatives;
  if (rows === 0) {
    return null;
  }
  const nobody = positives * costs.false_negative + negatives * costs.true_negative;
  const cost = costOf(cells, costs);
  const best = cheapest(ranking, costs, nobody);
  return {
    per_row: cost / rows,
    profit: nobody - cost,
    best: { threshold: best.threshold, per_row: best.cost / rows, profit: nobody - best.cost },
    calibrated_threshold: calibratedThreshold(costs),
  };
}

/** The first of the cheapest thresholds, from flagging nobody down. */
function cheapest(
  { length, score, positive, negative }: Ranking,
  costs: CostMatrix,
  nobody: number,
): { threshold: number | null; cost: number } {
  const ofPositive = costs.true_positive - costs.false_negative;
  const ofNegative = costs.false_positive - costs.true_negative;
  let [threshold, cost, lowest] = [null as number | null, nobody, nobody];
  for (let i = 0; i < length; i++) {
    cost += positive[i] * ofPositive + negative[i] * ofNegative;
    if (cost < lowest) {
      lowest = cost;
      threshold = score[i];
    }
  }
  return { threshold, cost: lowest };
}

function calibratedThreshold(costs: CostMatrix): number | null {
  const harm = costs.false_positive - costs.true_negative;
  const help = costs.false_negative - costs.true_positive;
  return harm > 0 && help > 0 ? harm / (harm + help) : null;
}
