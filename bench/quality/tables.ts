import type { Day } from '../../src/time.js';
import { fixed, table } from '../measuring/report.js';
import { type Estimate, type Figures, type MeasureName, TRAINERS } from './measure.js';

const MEASURES: readonly [MeasureName, string][] = [
  ['pr_auc', 'PR-AUC'],
  ['roc_auc', 'ROC-AUC'],
  ['log_loss', 'log loss'],
  ['brier', 'Brier'],
  ['ece', 'ECE'],
];

function estimateText({ value, interval }: Estimate): string {
  if (value === null) {
    return '-';
  }
  return interval === null
    ? fixed(value, 3)
    : `${fixed(value, 3)} (${interval.map((end) => fixed(end, 3)).join(' to ')})`;
}

export function qualityTable(figures: readonly Figures[]): string {
  return table(
    ['rows', 'model', 'churn rate', ...MEASURES.map(([, title]) => title)],
    figures.map((row) => [
      row.variant,
      row.model,
      fixed(row.test.positive_rate, 3),
      ...MEASURES.map(([id]) => estimateText(row.measures[id])),
    ]),
  );
}

export function partsTable(figures: readonly Figures[]): string {
  const days = (from: Day | null, to: Day | null) => (from === null ? '-' : `${from} to ${to}`);
  return table(
    ['rows', 'learnt from', 'rows learnt', 'churn rate there', 'tested on', 'rows tested', 'users tested'],
    figures
      .filter((row) => row.model === TRAINERS[0])
      .map(({ variant, learnt, test }) => [
        variant,
        days(learnt?.from ?? null, learnt?.to ?? null),
        (learnt?.rows ?? 0).toLocaleString('en'),
        fixed(learnt?.positive_rate ?? null, 3),
        days(test.from, test.to),
        test.rows.toLocaleString('en'),
        (test.users ?? 0).toLocaleString('en'),
      ]),
  );
}
