import {
  type Imported,
  type ImportedSettings,
  type Importer,
  isRecord,
  numberOf,
  recordsOf,
} from './imported.js';

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
  const threshold = numberOf(distribution.comparison_threshold) || 0.1;
  const categorical = numberOf(distribution.categorical_comparison_threshold) || threshold;
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
