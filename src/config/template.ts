export const PRESETS = ['default', 'section-12'] as const;
export type ConfigPreset = (typeof PRESETS)[number];

/**
 * A commented churn.yaml. What it sets are the defaults (a test compares them), so a line may be deleted without a
 * change; `section-12` adds the rules of the described system.
 */
export function configTemplate(preset: ConfigPreset): string {
  return preset === 'default'
    ? TEMPLATE
    : DESCRIBED_RULES.reduce((text, [line, instead]) => text.replace(line, instead), TEMPLATE);
}

const TEMPLATE = `# churn-mlops configuration. Everything here is the default: delete what you do not change.
# All keys with their meaning: docs/reference/configuration.md, or \`churn-mlops config\`.
# Every key can be set from the environment: CHURN_ and its path in capitals, for example CHURN_DRIFT_FAIL=0.3

# Where tables, models and reports go, relative to this file.
data: data
artifacts: artifacts
format: parquet            # or csv

# Where your data come from: a file or a glob, Parquet, CSV or JSON lines.
# Name your columns where they are called otherwise, or give an SQL expression:
#   columns:
#     user_id: customer_number
#     signup_date: { sql: "CAST(created_at AS DATE)" }
sources:
  users:                   # needs user_id and signup_date
    files: data/raw/users.parquet
  events:                  # needs user_id, event_time and event_type
    files: data/raw/events.parquet

# How data checks are meant: error (stops the pipeline), warning (is shown) or off; settings in a map:
# checks:
#   volume: error
#   freshness: { severity: error, within_days: 2 }
#   unknown_users: off

# What churn is. The other kinds:
#   kind: event            with  events: { cancelled: voluntary, payment_expired: payment_failure }
#   kind: date             with  column: cancelled_on  (and kind_column: cancel_reason)
label:
  kind: inactivity         # no active day within the horizon
  horizon_days: 30
  # events: [login]        # event types that count as activity; default: features.activity

# Which user-days are trained on, watched and judged: users at risk.
population:
  active_within_days: 30   # or: population: all, or { where: "SQL condition" }

# features: the default columns fit an e-learning service (see docs/reference/configuration.md).
#   Daily aggregates, rolling windows, ratios and static columns are declared, for example
#   features:
#     daily:
#       orders: { count: order }
#       revenue: { sum: amount, of: order }
#     windows: [7, 30, 90]
#     rolling:
#       active_days: { sum: is_active_day }
#       orders: { sum: orders }
#       revenue: { sum: revenue }
#     ratios: {}
#     static: [plan, country]

training:
  trainer: xgboost         # or linear
  sampling: weekly         # of each user every seventh day; or all, or { every_days: 3 }
  test_share: 0.2          # newest part, held out; a gap of one horizon lies before it
  seed: 42

drift:
  features:
    - active_days_7d
    - watch_minutes_7d
    - watch_minutes_30d
    - quiz_attempts_7d
    - days_since_last_activity
  current_days: 7
  warn: 0.1                # PSI
  fail: 0.25

# A challenger is promoted when it is better in this measure beyond noise.
gate:
  measure: pr_auc
  minimum_gain: 0

# When to retrain.
policy:
  drift: { max_psi: 0.25 }
  performance: { measure: pr_auc, fall: 0.1, mode: relative }
  schedule: { every_days: 30 }
  new_data: { days: 30 }
  cooldown: { days: 7 }

engine:
  memory: 2GB
  threads: 2
`;

/** The described system keeps every user-day, CSV files, and PSI of its own. */
const DESCRIBED_RULES: readonly [line: string, instead: string][] = [
  ['format: parquet            # or csv', 'format: csv'],
  ['data/raw/users.parquet', 'data/raw/users.csv'],
  ['data/raw/events.parquet', 'data/raw/events.csv'],
  [
    'population:\n  active_within_days: 30   # or: population: all, or { where: "SQL condition" }',
    'population: all            # the described system keeps users who are long gone',
  ],
  [
    'sampling: weekly         # of each user every seventh day; or all, or { every_days: 3 }',
    'sampling: all            # every user-day\n  complete_windows: false  # also the first days, whose windows are not complete',
  ],
  [
    '  fail: 0.25\n',
    '  fail: 0.25\n  compat: section-12       # its bins and zero rule; delete this line for ours\n',
  ],
  ['mode: relative', 'mode: absolute'],
];
