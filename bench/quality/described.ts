import { readFile } from 'node:fs/promises';
import type { Interval } from '../../src/monitor/performance/report.js';
import { sharedFile } from '../measuring/places.js';
import type { Estimate, Figures } from './measure.js';
import { DESCRIBED } from './variants.js';

interface DescribedScores {
  test_rows: number;
  test_users: number;
  positive_rate: number;
  pr_auc: number;
  roc_auc: number;
  log_loss: number;
  brier: number;
  pr_auc_95_by_user: Interval;
}

/** The described system's own figures, as its authors' run left them; none without the data folder. */
export async function describedFigures(data: string): Promise<Figures[]> {
  const path = sharedFile('data/section12/described_model_scores.json');
  if (path === null) {
    return [];
  }
  const all = JSON.parse(await readFile(path, 'utf8')) as Record<string, DescribedScores>;
  const plain = (value: number): Estimate => ({ value, interval: null });
  return DESCRIBED.filter((variant) => variant.described !== undefined).map((variant) => {
    const scores = all[variant.described as string];
    return {
      data,
      variant: variant.title,
      model: 'described',
      learnt: null,
      test: {
        rows: scores.test_rows,
        users: scores.test_users,
        from: null,
        to: null,
        positive_rate: scores.positive_rate,
      },
      measures: {
        pr_auc: { value: scores.pr_auc, interval: scores.pr_auc_95_by_user },
        roc_auc: plain(scores.roc_auc),
        log_loss: plain(scores.log_loss),
        brier: plain(scores.brier),
        ece: { value: null, interval: null },
      },
    };
  });
}
