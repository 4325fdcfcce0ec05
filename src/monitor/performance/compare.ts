import { normalQuantile } from '../../maths/special.js';
import { bootstrapUsers } from './bootstrap.js';
import { type DelongDifference, delongDifference } from './delong.js';
import { lowerBoundOf, percentileInterval } from './interval.js';
import { type ChanceOptions, MEASURE_IDS, measuresOf, type RankedRows, REPORTED } from './intervals.js';
import type { Measured, Scores } from './measure.js';
import { rankingOf } from './ranking.js';
import type { ComparisonReport, Interval, MeasureId } from './report.js';
import { checkSample } from './sample.js';
import { countUsers, type LabelledRows, smallerClass, type UserCounts, withoutGaps } from './users.js';

export interface ComparisonOptions extends ChanceOptions {
  /** The measure that decides. */
  primary: MeasureId;
  /** The gain has to be above this for certain. Below 0: non-inferiority, which promotes equals half the time. */
  minimumGain: number;
  /** Fewest users of either class; 100 is usual. */
  minimumPerClass: number;
}

export type Comparison = Omit<ComparisonReport, 'champion' | 'challenger' | 'window'>;
type Check = Comparison['checks'][number];

/** What is known of challenger less champion in one measure. */
interface Difference {
  interval: Interval | null;
  /** One-sided 95 % bounds. */
  low: number | null;
  high: number | null;
}

/**
 * Champion against challenger on the same rows. Differences are paired: DeLong for ROC AUC with one row per user,
 * otherwise the same bootstrap draws of users for both. Gains count in the measure's good direction.
 *
 * - `better`: the one-sided 95 % lower bound of the gain in the primary measure is above `minimumGain`,
 *   and all checks pass.
 * - `not_better`: the upper bound is not above it, or the scores are the same, or log loss or Brier are worse
 *   beyond noise.
 * - `undecided`: anything else, also too few users of a class. It means hold.
 *
 * @throws ChurnError data.invalid as evaluateSample
 */
export function compareModels(
  sample: LabelledRows & { champion: Scores; challenger: Scores },
  options: ComparisonOptions,
): Comparison {
  const { labels, champion, challenger } = sample;
  checkSample(labels, champion, undefined, true);
  checkSample(labels, challenger, undefined, true);
  const counts = countUsers(sample);
  const before = measuresOf(ranked(sample, champion), counts);
  const after = measuresOf(ranked(sample, challenger), counts);
  const differences = differencesOf(sample, counts, options);
  const measures = Object.fromEntries(
    MEASURE_IDS.map((id) => [id, sideBySide(id, before, after, differences[id].interval)]),
  ) as Comparison['measures'];
  const gain = gainOf(options.primary, differences[options.primary]);
  const checks = [
    classesCheck(counts, options.minimumPerClass),
    sameCheck(champion, challenger),
    gainCheck(gain.low, options),
    lossCheck('log_loss', differences.log_loss),
    lossCheck('brier', differences.brier),
  ];
  return {
    rows: counts.rows,
    positives: counts.positives,
    users: counts.users,
    measures,
    primary: options.primary,
    minimum_gain: options.minimumGain,
    gain_lower_bound: gain.low,
    checks,
    verdict: verdictOf(checks, gain.high, options.minimumGain),
  };
}

function ranked({ labels, units }: LabelledRows, scores: Scores): RankedRows {
  return { labels, units, scores, ranking: rankingOf(labels, scores) };
}

function differencesOf(
  sample: LabelledRows & { champion: Scores; challenger: Scores },
  counts: UserCounts,
  options: ComparisonOptions,
): Record<MeasureId, Difference> {
  const { labels, champion, challenger, units } = sample;
  if (smallerClass(counts).users < 2) {
    const unknown = { interval: null, low: null, high: null };
    return { pr_auc: unknown, roc_auc: unknown, log_loss: unknown, brier: unknown };
  }
  const [before, after] = bootstrapUsers(
    labels,
    [{ scores: champion }, { scores: challenger }],
    withoutGaps(units, counts.users),
    options,
  );
  const drawn = (id: MeasureId) => fromDraws(after[id].map((value, draw) => value - before[id][draw]));
  return {
    pr_auc: drawn('pr_auc'),
    roc_auc: counts.oneRowPerUser
      ? fromDelong(delongDifference(labels, champion, challenger))
      : drawn('roc_auc'),
    log_loss: drawn('log_loss'),
    brier: drawn('brier'),
  };
}

function fromDraws(draws: Float64Array): Difference {
  const lowOfOpposite = lowerBoundOf(draws.map((value) => -value));
  return {
    interval: percentileInterval(draws),
    low: lowerBoundOf(draws),
    high: lowOfOpposite === null ? null : -lowOfOpposite,
  };
}

function fromDelong({ difference, standardError }: DelongDifference): Difference {
  const within = (level: number) => normalQuantile(level) * standardError;
  return {
    interval: [difference - within(0.975), difference + within(0.975)],
    low: difference - within(0.95),
    high: difference + within(0.95),
  };
}

/** Bounds of the gain: the difference in the direction that is better. */
function gainOf(id: MeasureId, { low, high }: Difference): { low: number | null; high: number | null } {
  if (REPORTED[id].better === 'higher' || low === null || high === null) {
    return { low, high };
  }
  return { low: -high, high: -low };
}

function sideBySide(
  id: MeasureId,
  before: Record<MeasureId, Measured>,
  after: Record<MeasureId, Measured>,
  interval: Interval | null,
): Comparison['measures'][MeasureId] {
  const champion = before[id].value;
  const challenger = after[id].value;
  const difference = champion === null || challenger === null ? null : challenger - champion;
  return { champion, challenger, difference, interval: difference === null ? null : interval };
}

function classesCheck(counts: UserCounts, minimum: number): Check {
  const { name, users } = smallerClass(counts);
  const because = `${users} users with a ${name} row, at least ${minimum} are needed of each class`;
  return { id: 'enough_of_each_class', passed: users >= minimum, because };
}

function sameCheck(champion: Scores, challenger: Scores): Check {
  const same = champion.every((score, i) => score === challenger[i]);
  return {
    id: 'scores_differ',
    passed: !same,
    because: same ? 'both give every row the same score' : 'the scores differ',
  };
}

function gainCheck(low: number | null, { primary, minimumGain }: ComparisonOptions): Check {
  const because =
    low === null
      ? `the gain in ${primary} is undefined on these rows`
      : `the gain in ${primary} is at least ${low.toFixed(4)} (one-sided 95 %), it must be above ${minimumGain}`;
  return { id: 'gain_is_certain', passed: low !== null && low > minimumGain, because };
}

function lossCheck(id: 'log_loss' | 'brier', { low }: Difference): Check {
  const worse = low !== null && low > 0;
  const because = worse
    ? `${id} is worse by at least ${low.toPrecision(3)} (one-sided 95 %)`
    : `${id} is not worse beyond noise`;
  return { id: `${id}_not_worse`, passed: !worse, because };
}

function verdictOf(
  checks: readonly Check[],
  gainHigh: number | null,
  minimumGain: number,
): Comparison['verdict'] {
  const passed = new Map(checks.map((check) => [check.id, check.passed]));
  if (checks.every((check) => check.passed)) {
    return 'better';
  }
  if (!passed.get('enough_of_each_class')) {
    return 'undecided';
  }
  const noGain = gainHigh !== null && gainHigh <= minimumGain;
  const harmed = !passed.get('log_loss_not_worse') || !passed.get('brier_not_worse');
  return noGain || harmed || !passed.get('scores_differ') ? 'not_better' : 'undecided';
}
