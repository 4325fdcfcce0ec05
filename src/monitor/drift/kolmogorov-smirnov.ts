import { cdfEvidence, cdfSteps, largestGap, noCdf } from './cdf.js';
import type { Statistic } from './statistic.js';

/** Judge by D, not by its p-value: at a million rows a shift of 0.02 standard deviations has p = 4e-35. */
export const kolmogorovSmirnov: Statistic = {
  id: 'kolmogorov_smirnov',
  title: 'Kolmogorov-Smirnov D',
  short: 'KS',
  formula: 'largest |F - G| at the edges of the fine grid; `error` bounds what it can be between them',
  unit: 'share of values',
  range: [0, 1],
  appliesTo: ['numeric'],
  undefinedWhen: 'a window has no values',
  source: 'Smirnov 1939; scipy.stats.ks_2samp',
  bands: { warn: 0.13, fail: 0.2 },
  of: (comparison) => {
    const reason = noCdf(comparison);
    if (reason !== null) {
      return { value: null, reason };
    }
    const { gap, possible } = largestGap(cdfSteps(comparison));
    return { value: gap, error: possible - gap };
  },
  evidence: cdfEvidence,
  nullBound: (_, n) => KOLMOGOROV_99 / Math.sqrt(n),
};

/** kolmogorovSurvival is 0.01 here. */
const KOLMOGOROV_99 = 1.62762361151895;
