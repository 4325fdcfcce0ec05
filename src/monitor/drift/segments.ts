import type { TableProfile } from '../profile/profile.js';
import { sumOf } from '../profile/sum.js';
import { comparisonOf } from './cells.js';
import { choiceFor } from './choice.js';
import { DEFAULT_SIGNIFICANCE } from './feature.js';
import { adjusted, type TableDriftOptions, tableFeatures } from './judge.js';
import type { DriftStatus, FeatureDrift } from './report.js';
import { statusOf, WORST } from './status.js';

/** Both windows of the rows that share a value of a column (a plan, a country). */
export interface Segment {
  column: string;
  value: string;
  reference: TableProfile;
  current: TableProfile;
}

export interface SegmentDrift {
  column: string;
  value: string;
  status: DriftStatus;
  rows: { reference: number; current: number };
  /** Its part of all rows, then and now. */
  share: { reference: number; current: number };
  features: FeatureDrift[];
}

export interface SegmentsReport {
  segments: SegmentDrift[];
  /** For features in overall drift: the segments without which it would be half as large or less, largest first. */
  explained: { feature: string; column: string; value: string; part: number; because: string }[];
}

/**
 * The check of each segment by itself. p-values are adjusted over all features of all segments together. A segment explains
 * an overall drift when leaving its rows out of both windows takes away at least half of the effect.
 */
export function segmentDrift(
  segments: readonly Segment[],
  drifted: readonly string[],
  options: TableDriftOptions,
): SegmentsReport {
  const judged = segments.map(({ reference, current }) => tableFeatures(reference, current, options));
  const all = adjusted(
    judged.flat(),
    options.significance ?? DEFAULT_SIGNIFICANCE,
    options.adjustment ?? 'benjamini_hochberg',
  );
  const totals = totalsOf(segments);
  let next = 0;
  const reports = segments.map(({ column, value, reference, current }, i): SegmentDrift => {
    const features = all.slice(next, next + judged[i].length);
    next += judged[i].length;
    const { before, now } = totals.get(column)!;
    return {
      column,
      value,
      status: statusOf(features, options.status ?? WORST),
      rows: { reference: reference.rows, current: current.rows },
      share: { reference: reference.rows / Math.max(1, before), current: current.rows / Math.max(1, now) },
      features,
    };
  });
  return { segments: reports, explained: explain(segments, drifted, options) };
}

function totalsOf(segments: readonly Segment[]): Map<string, { before: number; now: number }> {
  const totals = new Map<string, { before: number; now: number }>();
  for (const { column, reference, current } of segments) {
    const { before, now } = totals.get(column) ?? { before: 0, now: 0 };
    totals.set(column, { before: before + reference.rows, now: now + current.rows });
  }
  return totals;
}

function explain(
  segments: readonly Segment[],
  drifted: readonly string[],
  options: TableDriftOptions,
): SegmentsReport['explained'] {
  const found = drifted.flatMap((feature) =>
    [...new Set(segments.map(({ column }) => column))].flatMap((column) => {
      const parts = segments.filter((segment) => segment.column === column);
      const whole = effectOf(parts, feature, options);
      return parts.flatMap((left) => {
        const rest = parts.filter((segment) => segment !== left);
        const without = rest.length === 0 ? null : effectOf(rest, feature, options);
        if (whole === null || without === null || whole === 0) {
          return [];
        }
        const part = 1 - without / whole;
        const because = `without ${column} = ${left.value} the drift of ${feature} would be ${without.toFixed(3)} instead of ${whole.toFixed(3)}`;
        return part >= 0.5 ? [{ feature, column, value: left.value, part, because }] : [];
      });
    }),
  );
  return found.sort((a, b) => b.part - a.part);
}

function effectOf(parts: readonly Segment[], feature: string, options: TableDriftOptions): number | null {
  const column = (profile: TableProfile | null) => profile?.columns.find(({ name }) => name === feature);
  const reference = column(sumOf(parts.map((part) => part.reference)));
  const current = column(sumOf(parts.map((part) => part.current)));
  if (reference === undefined || current === undefined) {
    return null;
  }
  const { statistic } = choiceFor(options, feature, reference.bins.kind);
  const { value } = statistic.of(comparisonOf(reference, current));
  return value === null ? null : Math.abs(value);
}
