import { aucComponents } from './delong.js';
import type { Scores } from './measure.js';
import { type LabelledRows, usersOf } from './users.js';

/**
 * ROC AUC and its variance where users have several rows, of either or both classes. With V10 and V01 summed per user u
 * (u has m_u of all m positives and n_u of all n negatives; U users, U10 and U01 of them with a row of the class):
 *
 * - S10 = U10 / ((U10 - 1) m) sum (V10_u - m_u AUC)^2, S01 likewise with n and U01,
 * - S11 = U / (U - 1) sum (V10_u - m_u AUC) (V01_u - n_u AUC),
 * - variance = S10 / m + S01 / n + 2 S11 / (m n).
 *
 * With one row per user it is DeLong's. At least two users of each class. Source: Obuchowski 1997, eq. 4 to 6.
 */
export function obuchowskiVariance(
  { labels, units }: LabelledRows,
  scores: Scores,
): { auc: number; variance: number } {
  const { auc, positives, negatives, ofRow } = aucComponents(labels, scores);
  const users = usersOf(units);
  const sums = [new Float64Array(users), new Float64Array(users)];
  const has = new Uint8Array(users);
  for (let row = 0; row < labels.length; row++) {
    sums[labels[row]][units[row]] += ofRow[row] - auc;
    has[units[row]] |= labels[row] === 1 ? 1 : 2;
  }
  let both = 0;
  let ofPositives = 0;
  let ofNegatives = 0;
  let square10 = 0;
  let square01 = 0;
  let product = 0;
  for (let user = 0; user < users; user++) {
    both += has[user] > 0 ? 1 : 0;
    ofPositives += has[user] & 1;
    ofNegatives += has[user] >> 1;
    square10 += sums[1][user] ** 2;
    square01 += sums[0][user] ** 2;
    product += sums[1][user] * sums[0][user];
  }
  const variance =
    ((ofPositives / (ofPositives - 1)) * square10) / positives ** 2 +
    ((ofNegatives / (ofNegatives - 1)) * square01) / negatives ** 2 +
    ((both / (both - 1)) * 2 * product) / (positives * negatives);
  return { auc, variance: Math.max(0, variance) };
}
