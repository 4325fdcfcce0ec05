import { ChurnError } from '../../../error.js';
import type { DriftReport, FeatureDrift } from '../report.js';
import { worstOf } from '../status.js';
import type { CompatFinding, CompatOptions, CompatSystem, RawColumn, RawValues } from './compat.js';
import { COMPAT_SYSTEMS } from './index.js';

/** @throws usage.invalid */
export function compatSystem(id: string): CompatSystem {
  const found = COMPAT_SYSTEMS.find((system) => system.id === id);
  if (found === undefined) {
    throw new ChurnError('usage.invalid', {
      expected: `a system: ${COMPAT_SYSTEMS.map((system) => system.id).join(', ')}`,
      came: `"${id}"`,
    });
  }
  return found;
}

/**
 * The system's numbers and verdicts, as a report of ours. There is no adjustment and no evidence but its own. The worst
 * feature decides.
 * @throws usage.invalid for a kind of column or a statistic that the system does not know
 */
export function compatReport(
  system: CompatSystem,
  columns: readonly RawColumn[],
  options: CompatOptions,
): DriftReport {
  requireKnown(system, columns, options);
  const features = columns.map((column) =>
    featureOf(column, system, system.compare(column, statisticFor(system, column, options)), options),
  );
  const psis = features.flatMap(({ psi }) => (psi === null ? [] : [psi]));
  const status = worstOf(features.map((feature) => feature.status));
  return {
    status,
    overall_max_psi: psis.length === 0 ? null : Math.max(...psis),
    psi_by_feature: Object.fromEntries(features.map(({ name, psi }) => [name, psi])),
    state: status === 'INSUFFICIENT' ? 'insufficient_data' : 'ok',
    rows: {
      reference: columns[0]?.reference.length ?? 0,
      current: columns[0]?.current.length ?? 0,
    },
    features,
    thresholds: { warn: options.warn, fail: options.fail, significance: 1 },
    rule: system.rule,
  };
}

/** A statistic that knows only the other kind of column leaves this one to the default. */
function statisticFor(system: CompatSystem, { kind }: RawColumn, options: CompatOptions): CompatOptions {
  const knows = options.statistic !== null && system.statistics[kind].includes(options.statistic);
  return knows ? options : { ...options, statistic: null };
}

function requireKnown(
  { id, statistics }: CompatSystem,
  columns: readonly RawColumn[],
  { statistic }: CompatOptions,
): void {
  const stranger = columns.find(({ kind }) => statistics[kind].length === 0);
  if (stranger) {
    throw new ChurnError('usage.invalid', {
      expected: `numeric features for --compat ${id}`,
      came: `"${stranger.name}", a text`,
      fix: 'name others with --features',
    });
  }
  const known = [...new Set([...statistics.numeric, ...statistics.categorical])];
  if (statistic !== null && !known.includes(statistic)) {
    throw new ChurnError('usage.invalid', {
      expected: `--statistic ${known.join(' | ')} with --compat ${id}`,
      came: `"${statistic}"`,
    });
  }
}

function featureOf(
  { name, kind, reference, current }: RawColumn,
  system: CompatSystem,
  finding: CompatFinding,
  { warn, fail }: CompatOptions,
): FeatureDrift {
  const level = finding.threshold.upper ?? finding.threshold.lower ?? fail;
  const { statistic, value, p_value, status, chunks } = finding;
  return {
    name,
    kind,
    status,
    statistic,
    short: statistic === 'psi' ? 'PSI' : statistic,
    value,
    value_debiased: null,
    error: null,
    in_units: null,
    psi: statistic === 'psi' ? value : null,
    p_value,
    p_adjusted: p_value,
    method: system.id,
    interval: null,
    levels: system.id === 'section-12' ? { warn, fail } : { warn: level, fail: level },
    importance: null,
    priority: null,
    beside: {},
    parts: [],
    cells: [],
    rows: { reference: reference.length, current: current.length },
    nulls: { reference: nullsOf(reference), current: nullsOf(current) },
    units: null,
    because: sentence(system, finding),
    ...(chunks.length > 0 && { chunks }),
  };
}

function sentence({ title }: CompatSystem, { chunks, threshold, value, p_value }: CompatFinding): string {
  const alerts = chunks.filter(({ alert }) => alert).length;
  const number = value ?? p_value;
  const against =
    threshold.upper !== null
      ? `, threshold ${threshold.upper.toPrecision(4)}`
      : threshold.lower !== null
        ? `, drift below ${threshold.lower}`
        : '';
  const said = chunks.length > 0 ? `${alerts} of ${chunks.length} chunks beyond it` : 'its own verdict';
  return number === null ? `${title} has no number for it` : `as ${title} computes it${against}: ${said}`;
}

function nullsOf(values: RawValues): number {
  let count = 0;
  for (const value of values as Iterable<number | string | null>) {
    count += value === null || Number.isNaN(value) ? 1 : 0;
  }
  return count;
}
