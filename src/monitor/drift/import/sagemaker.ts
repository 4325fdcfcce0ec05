import { nextDown } from '../../../maths/float.js';
import { OTHER } from '../../profile/bins.js';
import { tableProfile } from '../../profile/count.js';
import { pivotOf } from '../../profile/moments.js';
import type { ColumnProfile, NumericBins } from '../../profile/profile.js';
import { type Imported, type ImportedSettings, type Importer, isRecord, recordsOf } from './imported.js';

const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** constraints.json of SageMaker Model Monitor: what is watched, and by which threshold. */
export const sagemakerConstraints: Importer = {
  id: 'sagemaker_constraints',
  title: 'SageMaker Model Monitor, constraints.json',
  recognises: (document) =>
    recordsOf(document.features).some(
      (feature) => 'completeness' in feature || 'num_constraints' in feature,
    ) ||
    ('features' in document && 'monitoring_config' in document),
  read: (document) => {
    const notes: Imported['notes'] = [];
    const features = recordsOf(document.features);
    const config = isRecord(document.monitoring_config) ? document.monitoring_config : {};
    const distribution = isRecord(config.distribution_constraints) ? config.distribution_constraints : {};
    const compares = distribution.perform_comparison !== 'Disabled';
    const drift: ImportedSettings = {
      features: features.map((feature) => String(feature.name)),
      by_feature: compares ? byFeature(features, distribution, notes) : {},
    };
    if (!compares) {
      notes.push({
        what: 'perform_comparison: Disabled',
        note: 'distributions were not compared; ours are, with our levels',
      });
    }
    for (const { name, completeness, num_constraints, string_constraints } of features) {
      if (typeof completeness === 'number') {
        notes.push({
          what: `${name}: completeness ${completeness}`,
          note: 'nulls are a cell of every comparison; judge by them alone with statistic missing_rate',
        });
      }
      if (isRecord(num_constraints) && num_constraints.is_non_negative === true) {
        notes.push({
          what: `${name}: non-negative`,
          note: 'values out of range are told of; no rule of its own',
        });
      }
      if (isRecord(string_constraints) && Array.isArray(string_constraints.domains)) {
        notes.push({
          what: `${name}: ${string_constraints.domains.length} allowed values`,
          note: 'unseen values are told of; judge by them alone with unseen_rate',
        });
      }
    }
    for (const key of ['datatype_check_threshold', 'domain_content_threshold']) {
      if (key in config) {
        notes.push({
          what: `${key}: ${String(config[key])}`,
          note: 'no counterpart: types and domains are checked by `validate`',
        });
      }
    }
    return { from: sagemakerConstraints.title, drift, profile: null, notes };
  },
};

function byFeature(
  features: readonly Record<string, unknown>[],
  distribution: Record<string, unknown>,
  notes: Imported['notes'],
): NonNullable<ImportedSettings['by_feature']> {
  const threshold = number(distribution.comparison_threshold) || 0.1;
  const categorical = number(distribution.categorical_comparison_threshold) || threshold;
  const chi = distribution.categorical_drift_method === 'ChiSquared';
  if (distribution.comparison_method === 'Robust') {
    notes.push({
      what: 'comparison_method: Robust',
      note: 'theirs lowers the distance for few rows; ours keeps it and asks for evidence beside',
    });
  }
  if (chi) {
    notes.push({
      what: 'categorical_drift_method: ChiSquared',
      note: 'a p-value: ours is drift.significance',
    });
  }
  return Object.fromEntries(
    features.flatMap(
      ({ name, inferred_type }): [string, { statistic: string; warn?: number; fail?: number }][] => {
        switch (inferred_type) {
          case 'Integral':
          case 'Fractional':
            return [[String(name), { statistic: 'kolmogorov_smirnov', warn: threshold, fail: threshold }]];
          case 'String':
            return [
              [
                String(name),
                chi
                  ? { statistic: 'chi_squared' }
                  : { statistic: 'l_infinity', warn: categorical, fail: categorical },
              ],
            ];
          default:
            notes.push({ what: `${name}: ${String(inferred_type)}`, note: 'a type without a counterpart' });
            return [];
        }
      },
    ),
  );
}

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
    const profile = { ...tableProfile(columns, null), rows: number(dataset.item_count) };
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
  isRecord(statistics.common) ? number(statistics.common.num_missing) : 0;

function numericColumn(name: string, statistics: Record<string, unknown>): ColumnProfile | null {
  const buckets = bucketsOf(statistics, 'kll');
  if (buckets.length === 0) {
    return null;
  }
  const counts = buckets.map(({ count }) => Math.round(number(count)));
  const present = counts.reduce((sum, count) => sum + count, 0);
  const nulls = missingOf(statistics);
  const edges = buckets.slice(0, -1).map(({ upper_bound }) => number(upper_bound));
  const labels = buckets.map(
    ({ lower_bound, upper_bound }) => `${number(lower_bound)} to ${number(upper_bound)}`,
  );
  const [min, max, mean, deviation] = ['min', 'max', 'mean', 'std_dev'].map((key) => number(statistics[key]));
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
  const counts = buckets.map(({ count }) => Math.round(number(count)));
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
