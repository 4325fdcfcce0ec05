import { rollingName } from '../../src/config/columns.js';
import { configSchema } from '../../src/config/schema.js';

/** Which rows are learnt from and tested on. */
export interface Variant {
  title: string;
  /** As YAML of churn.yaml. */
  settings: string;
  /** Name of the same variant in described_model_scores.json. */
  described?: string;
}

const EVERY_DAY = 'population: all\ntraining: { sampling: all, complete_windows: false }\n';
const EVERY_DAY_NO_GAP =
  'population: all\ntraining: { sampling: all, complete_windows: false, purge_days: 0 }\n';

/** Columns that tell the calendar while history is short: age, and windows that have not filled yet. */
const CALENDAR = [
  'days_since_signup',
  ...[14, 30].flatMap((window) =>
    Object.keys(configSchema.parse({}).features.rolling).map((name) => rollingName(name, window)),
  ),
  'payment_fail_rate_30d',
];

function atRiskWithout(columns: readonly string[]): string {
  return `training: { sampling: all, complete_windows: false, exclude: [${columns.join(', ')}] }\n`;
}

export const DEMO: readonly Variant[] = [
  { title: 'default: gap, users at risk', settings: '' },
  { title: 'no gap, users at risk', settings: 'training: { purge_days: 0 }\n' },
  { title: 'gap, every user-day', settings: EVERY_DAY },
  { title: 'no gap, every user-day', settings: EVERY_DAY_NO_GAP },
];

export const DESCRIBED: readonly Variant[] = [
  { title: 'as described: no gap, every user-day', settings: EVERY_DAY_NO_GAP, described: 'as_described' },
  { title: 'gap, every user-day', settings: EVERY_DAY, described: 'purged' },
  {
    title: 'gap, users at risk',
    settings: 'training: { sampling: all, complete_windows: false }\n',
    described: 'purged_at_risk',
  },
  { title: 'the same without days_since_signup', settings: atRiskWithout(['days_since_signup']) },
  { title: 'the same without 14 and 30 day columns either', settings: atRiskWithout(CALENDAR) },
  {
    title: 'gap, users at risk, complete windows',
    settings: 'training: { sampling: all }\n',
    described: 'purged_at_risk_complete_windows',
  },
  { title: 'default: the same, weekly rows', settings: '' },
];
