import type { ProjectDriftReport } from '../jobs/drift.js';
import type { DriftSeries } from '../jobs/drift-series.js';
import type { DriftReport, DriftStatus, FeatureDrift } from '../monitor/drift/report.js';
import { addDays } from '../time.js';
import { bar, count, digits, interval, type Output, percent, type Tone } from './output.js';

const TONES: Record<DriftStatus, Tone> = { OK: 'good', WARN: 'warn', FAIL: 'bad', INSUFFICIENT: 'dim' };

/** How far a feature has gone towards its fail level, so that statistics compare; -1 without a number. */
const reach = ({ value, levels }: FeatureDrift) => (value === null ? -1 : Math.abs(value) / levels.fail);

const probability = (p: number | null) => (p === null ? '-' : p < 0.001 ? '<0.001' : digits(p));

/** Features by how much they matter: drift times the champion's importance, where there is one. */
export function showDrift(output: Output, report: DriftReport): void {
  const weight = (feature: FeatureDrift) => feature.priority ?? reach(feature);
  const sorted = [...report.features].sort((a, b) => weight(b) - weight(a));
  const weighted = sorted.some(({ importance }) => importance !== null);
  output.table(
    ['feature', 'status', 'effect', '', '', 'p', ...(weighted ? ['weight'] : []), 'what moved'],
    sorted.map((feature) => [
      feature.name,
      output.tone(TONES[feature.status], feature.status),
      feature.short,
      digits(feature.value),
      bar(reach(feature), 2, 12),
      probability(feature.p_adjusted),
      ...(weighted ? [percent(feature.importance, 0)] : []),
      feature.because.replace(`${feature.name}: `, ''),
    ]),
    ['left', 'left', 'left', 'right', 'left', 'right', ...(weighted ? ['right' as const] : [])],
  );
  const { reference, current } = report.rows;
  output.line(
    `${output.tone(TONES[report.status], report.status)}  largest PSI ${digits(report.overall_max_psi)} (warn ${report.thresholds.warn}, fail ${report.thresholds.fail}); ${count(reference)} rows against ${count(current)}`,
  );
}

/** How far the scores moved, what the classifier found, learnt levels, what the budget of false alarms came to, and segments, where they were asked for. */
export function showDetails(
  output: Output,
  { levels, segments, scores, multivariate }: ProjectDriftReport,
): void {
  if (scores) {
    const status = output.tone(TONES[scores.status], scores.status);
    output.line(`scores: ${status}, ${scores.short} ${digits(scores.value)}; ${scores.because}`);
  }
  if (multivariate) {
    const features = multivariate.features
      .slice(0, 3)
      .map(({ feature, share }) => `${feature} (${percent(share, 0)})`);
    output.line(
      `a classifier tells the windows apart with ROC AUC ${digits(multivariate.roc_auc)} (${interval(multivariate.interval)}; 0.5 is chance), by ${features.join(', ')}`,
    );
  }
  const calibration = levels?.calibration;
  if (calibration) {
    output.line(
      `levels x ${calibration.scale.toFixed(2)}: ${calibration.pages} false pages in ${calibration.replayed_days} replayed days, ${calibration.pages_a_year.toFixed(1)} a year (asked for ${calibration.asked_a_year.toFixed(1)}; ${calibration.pages_before} without)`,
    );
  }
  for (const [name, { warn, fail, windows }] of Object.entries(levels?.learnt ?? {})) {
    output.line(
      output.tone(
        'dim',
        `${name}: ${windows} windows of the reference give warn ${digits(warn)}, fail ${digits(fail)}`,
      ),
    );
  }
  if (segments === undefined) {
    return;
  }
  output.line();
  output.table(
    ['segment', 'status', 'rows', 'share', 'before', 'what moved'],
    segments.segments.map(({ column, value, status, rows, share, features }) => [
      `${column} = ${value}`,
      output.tone(TONES[status], status),
      count(rows.current),
      percent(share.current),
      percent(share.reference),
      worst(features)?.because ?? '',
    ]),
    ['left', 'left', 'right', 'right', 'right'],
  );
  for (const { because } of segments.explained) {
    output.line(because);
  }
}

function worst(features: readonly FeatureDrift[]): FeatureDrift | null {
  return features.reduce<FeatureDrift | null>((a, b) => (a === null || reach(b) > reach(a) ? b : a), null);
}

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A line of blocks a feature: the height is the effect, full at twice its fail level; beneath it the periods by status. */
export function showSeries(output: Output, { periods, version, by, reference }: DriftSeries): void {
  const [first, last] = [periods[0], periods[periods.length - 1]];
  const before = reference ? `${reference.from} to ${addDays(reference.to, -1)}` : 'its training days';
  output.line(`by ${by}, ${first.from} to ${addDays(last.to, -1)}, against ${before} (champion ${version})`);
  const names = last.report.features.map(({ name }) => name);
  const rows = names.map((name) => {
    const features = periods.map(({ report }) => report.features.find((feature) => feature.name === name)!);
    const blocks = features.map((feature) => output.tone(TONES[feature.status], block(reach(feature) / 2)));
    const peak = features.reduce((a, b) => (reach(b) > reach(a) ? b : a));
    const at = periods[features.indexOf(peak)].from;
    const now = features[features.length - 1];
    return [name, blocks.join(''), now.short, digits(now.value), digits(peak.value), at];
  });
  output.table(['feature', `${first.from} ...`, 'effect', 'last', 'most', 'on'], rows, [
    'left',
    'left',
    'left',
    'right',
    'right',
  ]);
  output.table(
    [by, 'status', 'largest PSI', 'rows', 'drifted'],
    periods.map(({ from, report }) => [
      from,
      output.tone(TONES[report.status], report.status),
      digits(report.overall_max_psi),
      count(report.rows.current),
      report.features
        .filter(({ status }) => status === 'WARN' || status === 'FAIL')
        .map(({ name }) => name)
        .join(', '),
    ]),
    ['left', 'left', 'right', 'right'],
  );
}

/** A block for 0 to 1 and beyond; a dot for no number. */
function block(share: number): string {
  return share < 0 ? '·' : BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))];
}
