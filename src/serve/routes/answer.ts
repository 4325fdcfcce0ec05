import type { Contribution, Prediction } from '../predict.js';

/** What the contract's callers read, and what we add. */
export interface Answer {
  user_id: string;
  churn_risk: number;
  model_version: string;
  snapshot_date?: string;
  explanation?: Contribution[];
}

export function answerOf(
  { model, risk, explanation }: Prediction,
  userId: string | number,
  snapshotDate: string | null | undefined,
): Answer {
  return {
    user_id: String(userId),
    churn_risk: risk,
    model_version: model.manifest.version,
    ...(snapshotDate != null && { snapshot_date: snapshotDate }),
    ...(explanation !== null && { explanation }),
  };
}

/** How many contributions `"explain": true` asks for. */
export const EXPLAINED = 5;

/** `explain` of a body or a query: true or a number of features. */
export function explainCount(explain: boolean | number | undefined): number {
  return typeof explain === 'number' ? explain : explain === true ? EXPLAINED : 0;
}
