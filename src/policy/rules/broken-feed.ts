import type { DriftReport, FeatureDrift } from '../../monitor/drift/report.js';
import { heldSince, usable } from '../evidence.js';
import { type Dated, type Evidence, type Finding, quiet, type Rule } from '../rule.js';
import type { PolicySettings } from '../settings.js';

/**
 * The newest drift check looks like a broken feed rather than a changed world, and retraining on broken data helps
 * nobody: either a feature moved mainly by its nulls and most of its values are null now, or the check saw far fewer
 * rows than the checks before it (their median; at least three are needed).
 */
export const brokenFeed: Rule = {
  id: 'broken_feed',
  title: 'the data look broken, not changed',
  kind: 'veto',
  unit: 'share',
  enabled: (settings) => settings.broken_feed.enabled,
  judge,
};

const CHECKS_FOR_VOLUME = 3;

function judge(evidence: Evidence, settings: PolicySettings): Omit<Finding, 'rule'> {
  const { null_share, volume_share } = settings.broken_feed;
  const maxAge = settings.evidence_max_age_days;
  const { fresh, all, reason } = usable(evidence.drift, evidence, maxAge, 'drift check');
  const [newest] = fresh;
  if (!newest) {
    return quiet(reason, null, null_share);
  }
  const worst = worstNulls(newest.report, null_share);
  if (worst) {
    const share = nullShare(worst);
    const because = `${percent(share)} of ${worst.name} are null, ${percent(nullShareThen(worst))} when the champion was trained: mend the feed first`;
    const since = heldSince(all, (report) => worstNulls(report, null_share) !== null);
    return { says: 'veto', value: share, threshold: null_share, since, because };
  }
  const volume = volumeOf(all, 0);
  if (volume !== null && volume < volume_share) {
    const because = `the check of ${newest.at} saw ${newest.report.rows.current} rows, ${percent(volume)} of what the checks before it saw: mend the feed first`;
    return { says: 'veto', value: volume, threshold: volume_share, since: newest.at, because };
  }
  return quiet(`the check of ${newest.at} saw no mass of nulls and no lack of rows`);
}

/** The feature with the largest share of nulls among those that say the feed is broken; null when none does. */
function worstNulls(report: DriftReport, nullLimit: number): FeatureDrift | null {
  const broken = report.features.filter(
    (feature) =>
      (feature.status === 'WARN' || feature.status === 'FAIL') &&
      movedByNulls(feature) &&
      nullShare(feature) > nullLimit,
  );
  return broken.toSorted((a, b) => nullShare(b) - nullShare(a))[0] ?? null;
}

function movedByNulls(feature: FeatureDrift): boolean {
  const largest = feature.parts.toSorted((a, b) => b.psi - a.psi)[0];
  return largest?.cause === 'nulls' && nullShare(feature) > nullShareThen(feature);
}

function nullShare({ nulls, rows }: FeatureDrift): number {
  return rows.current === 0 ? 0 : nulls.current / rows.current;
}

function nullShareThen({ nulls, rows }: FeatureDrift): number {
  return rows.reference === 0 ? 0 : nulls.reference / rows.reference;
}

/** Rows of one check over the median of the checks before it; null with too few of those. */
function volumeOf(newestFirst: Dated<DriftReport>[], index: number): number | null {
  const before = newestFirst.slice(index + 1).map(({ report }) => report.rows.current);
  if (before.length < CHECKS_FOR_VOLUME) {
    return null;
  }
  const sorted = before.toSorted((a, b) => a - b);
  const median =
    (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
  return median === 0 ? null : newestFirst[index].report.rows.current / median;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
