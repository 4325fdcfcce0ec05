import { nextDown } from '../../../maths/float.js';
import { OTHER } from '../../profile/bins.js';
import { tableProfile } from '../../profile/count.js';
import { pivotOf } from '../../profile/moments.js';
import type { ColumnProfile, NumericBins } from '../../profile/profile.js';
import { type Imported, type Importer, isRecord, numberOf, recordsOf } from './imported.js';

/** statistics.json of SageMaker Model Monitor: a reference profile of its buckets, its moments and its categories. */
export const sagemakerStatistics: Importer = {
  id: 'sagemaker_statistics',
  title: 'SageMaker Model Monitor, statistics.json',
  recognises: (document) =>
    recordsOf(document.features).some(
      (feature) => 'numerical_statistics' in feature || 'string_statistics' in feature,
    ),
  read: (document) => {
    const notes: Imported['notes'] = [
      {
        what: 'buckets',
        note: 'a value on the edge of two counts to the upper one there and to the lower one here',
      },
    ];
    const columns = recordsOf(document.features).flatMap((feature) => {
      const column = columnOf(feature);
      if (column === null) {
        notes.push({ what: String(feature.name), note: 'no distribution in the document' });
      }
      return column === null ? [] : [column];
    });
    const dataset = isRecord(document.dataset) ? document.dataset : {};
    const profile = { ...tableProfile(columns, null), rows: numberOf(dataset.item_count) };
    return {
      from: sagemakerStatistics.title,
      drift: { features: columns.map(({ name }) => name) },
      profile,
      notes,
    };
  },
};

function columnOf({
  name,
  numerical_statistics,
  string_statistics,
}: Record<string, unknown>): ColumnProfile | null {
  if (isRecord(numerical_statistics)) {
    return numericColumn(String(name), numerical_statistics);
  }
  return isRecord(string_statistics) ? textColumn(String(name), string_statistics) : null;
}

function bucketsOf(
  statistics: Record<string, unknown>,
  kind: 'kll' | 'categorical',
): Record<string, unknown>[] {
  const distribution = isRecord(statistics.distribution) ? statistics.distribution : {};
  return recordsOf(isRecord(distribution[kind]) ? distribution[kind].buckets : null);
}

const missingOf = (statistics: Record<string, unknown>) =>
  isRecord(statistics.common) ? numberOf(statistics.common.num_missing) : 0;

function numericColumn(name: string, statistics: Record<string, unknown>): ColumnProfile | null {
  const buckets = bucketsOf(statistics, 'kll');
  if (buckets.length === 0) {
    return null;
  }
  const counts = buckets.map(({ count }) => Math.round(numberOf(count)));
  const present = counts.reduce((sum, count) => sum + count, 0);
  const nulls = missingOf(statistics);
  const edges = buckets.slice(0, -1).map(({ upper_bound }) => numberOf(upper_bound));
  const labels = buckets.map(
    ({ lower_bound, upper_bound }) => `${numberOf(lower_bound)} to ${numberOf(upper_bound)}`,
  );
  const [min, max, mean, deviation] = ['min', 'max', 'mean', 'std_dev'].map((key) =>
    numberOf(statistics[key]),
  );
  if (edges.some((edge, i) => i > 0 && edge <= edges[i - 1])) {
    return constantColumn(name, present, nulls, min);
  }
  const bins: NumericBins = {
    kind: 'numeric',
    edges,
    coarse: counts.map((_, i) => i),
    coarse_labels: labels,
    range: [min, max],
  };
  return {
    name,
    type: 'number',
    bins,
    rows: present + nulls,
    nulls,
    counts,
    ...momentsOf(bins, present, { min, max, mean, deviation }),
  };
}

/** All buckets meet where all values are one. */
function constantColumn(name: string, present: number, nulls: number, value: number): ColumnProfile {
  const bins: NumericBins = {
    kind: 'numeric',
    edges: [nextDown(value), value],
    coarse: [1, 0, 1],
    coarse_labels: [String(value), OTHER],
    range: [value, value],
  };
  const facts = { min: value, max: value, mean: value, deviation: 0 };
  return {
    name,
    type: 'number',
    bins,
    rows: present + nulls,
    nulls,
    counts: [0, present, 0],
    ...momentsOf(bins, present, facts),
  };
}

function momentsOf(
  bins: NumericBins,
  finite: number,
  { min, max, mean, deviation }: { min: number; max: number; mean: number; deviation: number },
): Pick<ColumnProfile, 'moments' | 'unseen' | 'groups'> {
  const pivot = pivotOf(bins);
  const moments = {
    finite,
    pivot,
    sum: finite * (mean - pivot),
    sum_squares: finite * (deviation ** 2 + (mean - pivot) ** 2),
    min,
    max,
    below: 0,
    above: 0,
  };
  return { moments, unseen: [], groups: null };
}

function textColumn(name: string, statistics: Record<string, unknown>): ColumnProfile | null {
  const buckets = bucketsOf(statistics, 'categorical');
  if (buckets.length === 0) {
    return null;
  }
  const counts = buckets.map(({ count }) => Math.round(numberOf(count)));
  const nulls = missingOf(statistics);
  return {
    name,
    type: 'text',
    bins: { kind: 'categorical', categories: buckets.map(({ value }) => String(value)), rare: [] },
    rows: counts.reduce((sum, count) => sum + count, nulls),
    nulls,
    counts: [...counts, 0, 0],
    moments: null,
    unseen: [],
    groups: null,
  };
}
