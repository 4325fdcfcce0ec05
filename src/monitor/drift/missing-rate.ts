import { rateStatistic } from './rate.js';

/** Nulls and NaN. */
export const missingRate = rateStatistic({
  id: 'missing_rate',
  title: 'Change of the missing rate',
  short: 'missing',
  what: 'nulls and NaN',
  appliesTo: ['numeric', 'categorical'],
  bands: { warn: 0.05, fail: 0.1 },
  rows: ({ reference, current }) => ({ reference: reference.nulls, current: current.nulls }),
  holds: ({ kind }) => kind === 'null',
});
