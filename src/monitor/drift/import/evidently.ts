import { type Imported, type ImportedSettings, type Importer, isRecord } from './imported.js';

/** Our statistic for each test of Evidently's, the factor on its threshold, and how the two differ. */
const METHODS: Record<string, { statistic: string; factor: number | null; note?: string }> = {
  psi: {
    statistic: 'psi',
    factor: 1,
    note: 'bins and zero rule differ: compare with --compat evidently first',
  },
  kl_div: { statistic: 'kl', factor: 1, note: 'ours is of current from reference, theirs the other way' },
  jensenshannon: { statistic: 'jensen_shannon', factor: 1 / Math.sqrt(Math.LN2), note: 'ours in base 2' },
  hellinger: { statistic: 'hellinger', factor: 1 },
  wasserstein: { statistic: 'wasserstein', factor: 1 },
  ks: { statistic: 'kolmogorov_smirnov', factor: null },
  chisquare: { statistic: 'chi_squared', factor: null },
  z: { statistic: 'chi_squared', factor: null },
  g_test: { statistic: 'chi_squared', factor: null },
  TVD: { statistic: 'total_variation', factor: null },
  t_test: { statistic: 'mean_shift', factor: null },
};

const KEYS = [
  'drift_share',
  'method',
  'num_method',
  'cat_method',
  'per_column_method',
  'per_column_threshold',
  'threshold',
  'num_threshold',
  'cat_threshold',
];

/** Settings of Evidently's DataDriftPreset, as JSON or YAML: the preset itself, or a document that holds one. */
export const evidentlyImporter: Importer = {
  id: 'evidently',
  title: 'Evidently, DataDriftPreset',
  recognises: (document) => presetIn(document) !== null,
  read: (document) => readPreset(presetIn(document) as Record<string, unknown>),
};

/** The first object, however deep, that has settings of the preset. */
function presetIn(value: unknown): Record<string, unknown> | null {
  if (isRecord(value) && KEYS.some((key) => key in value)) {
    return value;
  }
  const children = isRecord(value) ? Object.values(value) : Array.isArray(value) ? value : [];
  for (const child of children) {
    const found = presetIn(child);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function readPreset(preset: Record<string, unknown>): Imported {
  const notes: Imported['notes'] = [];
  const drift: ImportedSettings = {};
  if (Array.isArray(preset.columns)) {
    drift.features = preset.columns.map(String);
  }
  if (typeof preset.drift_share === 'number') {
    // Theirs: drift when the share is reached.
    drift.status = { by: 'share', warn: preset.drift_share / 2, fail: preset.drift_share };
    notes.push({ what: 'drift_share', note: `FAIL above ${preset.drift_share}, WARN from half of it` });
  }
  const named = (key: string) => (typeof preset[key] === 'string' ? String(preset[key]) : null);
  const general = named('method') ?? named('num_method') ?? named('cat_method');
  const counterpart = general === null ? null : counterpartOf(general, notes);
  if (counterpart !== null) {
    drift.statistic = counterpart.statistic;
  }
  for (const key of ['num_method', 'cat_method', 'text_method', 'embeddings']) {
    const value = preset[key];
    if (value !== undefined && value !== null && value !== general) {
      notes.push({ what: `${key}: ${JSON.stringify(value)}`, note: 'name the features in drift.by_feature' });
    }
  }
  drift.by_feature = byFeature(preset, general, notes);
  for (const key of ['threshold', 'num_threshold', 'cat_threshold']) {
    if (typeof preset[key] === 'number') {
      notes.push({
        what: `${key}: ${preset[key]}`,
        note: 'levels of all features are those of our statistics; set drift.by_feature where they matter',
      });
    }
  }
  return { from: evidentlyImporter.title, drift, profile: null, notes };
}

function counterpartOf(method: string, notes: Imported['notes']) {
  const found = METHODS[method] ?? null;
  if (found === null) {
    notes.push({ what: `method ${method}`, note: 'no counterpart; --compat evidently still computes it' });
  } else if (found.note) {
    notes.push({ what: `method ${method}`, note: found.note });
  }
  return found;
}

function byFeature(
  preset: Record<string, unknown>,
  general: string | null,
  notes: Imported['notes'],
): NonNullable<ImportedSettings['by_feature']> {
  const methods = isRecord(preset.per_column_method) ? preset.per_column_method : {};
  const thresholds = isRecord(preset.per_column_threshold) ? preset.per_column_threshold : {};
  const names = [...new Set([...Object.keys(methods), ...Object.keys(thresholds)])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const method = typeof methods[name] === 'string' ? String(methods[name]) : general;
      const found = method === null ? null : counterpartOf(method, notes);
      const threshold = thresholds[name];
      if (found === null) {
        notes.push({
          what: `${name}: threshold ${String(threshold)}`,
          note: 'of an automatic test: no counterpart',
        });
        return [];
      }
      if (typeof threshold !== 'number') {
        return [[name, { statistic: found.statistic }]];
      }
      if (found.factor === null) {
        notes.push({
          what: `${name}: ${method} below ${threshold}`,
          note: 'a p-value: ours is drift.significance, for all features, beside the effect',
        });
        return [[name, { statistic: found.statistic }]];
      }
      const level = Number((threshold * found.factor).toPrecision(6));
      return [[name, { statistic: found.statistic, warn: level, fail: level }]];
    }),
  );
}
