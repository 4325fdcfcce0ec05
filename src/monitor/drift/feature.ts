import { ChurnError } from '../../error.js';
import { sameBins } from '../profile/merge.js';
import type { ColumnProfile } from '../profile/profile.js';
import { movement } from './because.js';
import { type Comparison, comparisonOf } from './cells.js';
import { chiSquared } from './chi-squared.js';
import type { Choice } from './choice.js';
import type { Evidence } from './evidence.js';
import { FEWEST_GROUPS } from './jackknife.js';
import { jensenShannon } from './jensen-shannon.js';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { rowsNeeded, worth } from './noise.js';
import { outsideRise, psiParts } from './parts.js';
import { psi, psiCells, psiNullMean } from './psi.js';
import type { DriftStatus, FeatureDrift } from './report.js';

export interface FeatureDriftOptions extends Partial<Pick<Choice, 'statistic'>> {
  /** Levels of the effect: from `warn` on WARN, above `fail` FAIL. */
  warn: number;
  fail: number;
  /** Level of the evidence before other features are taken into account; default 0.05. */
  significance?: number;
  /** Seeds the permutation; the feature's name is added to it. */
  seed: number | string;
  /** Units have several rows in at least one window, so evidence comes from unit groups. */
  unitAware: boolean;
  /** Distinct units of both windows, for the report only. */
  units?: { reference: number; current: number };
}

export const DEFAULT_SIGNIFICANCE = 0.05;

/** Shown beside the statistic that judges, where they apply. */
const BESIDE = [psi, jensenShannon, kolmogorovSmirnov, chiSquared];

/**
 * Compares one column over two windows. Effect (a statistic, PSI by default) and evidence (a p-value of its own) are
 * separate numbers; WARN and FAIL need both. INSUFFICIENT when the statistic is undefined, or when the windows are so
 * small that an unchanged feature would pass `warn` in more than 1 % of checks. p_adjusted is the p-value itself until
 * driftReport knows the other features.
 *
 * @throws ChurnError model.mismatch for profiles of different columns or bins, or without the unit groups asked for
 */
export function featureDrift(
  reference: ColumnProfile,
  current: ColumnProfile,
  options: FeatureDriftOptions,
): FeatureDrift {
  refuseMismatch(reference, current, options);
  const { statistic = psi, seed, unitAware, warn } = options;
  const comparison = comparisonOf(reference, current);
  const base = describe(comparison, options);
  const effect = statistic.of(comparison);
  if (effect.value === null) {
    return { ...base, because: `${reference.name} cannot be judged: ${effect.reason}` };
  }
  const evidence = statistic.evidence(comparison, { seed, unitAware });
  if (evidence === null) {
    const because = `${reference.name} cannot be judged: its rows come from fewer than ${FEWEST_GROUPS} unit groups`;
    return { ...base, because };
  }
  const n = worth(reference.rows, current.rows, evidence.designEffect);
  const measured: FeatureDrift = {
    ...withCells(base, comparison),
    value: effect.value,
    value_debiased:
      statistic === psi
        ? Math.max(
            0,
            effect.value -
              psiNullMean(comparison, worth(reference.rows, current.rows)) * evidence.designEffect,
          )
        : null,
    error: effect.error ?? null,
    in_units: effect.in_units ?? null,
    p_value: evidence.p,
    p_adjusted: evidence.p,
    method: evidence.method,
    interval: evidence.interval ?? null,
  };
  if (statistic.nullBound(comparison, n) >= warn) {
    return { ...measured, because: shortage(comparison, evidence, options) };
  }
  return judged(measured, options);
}

/** Status and sentence from effect and evidence; `measured.because` says what moved. */
function judged(measured: FeatureDrift, options: FeatureDriftOptions): FeatureDrift {
  const value = Math.abs(measured.value ?? 0);
  const band = bandOf(value, options.warn, options.fail);
  if (band === 'OK') {
    return {
      ...measured,
      status: 'OK',
      because: `${measured.short} ${value.toFixed(3)} is below ${options.warn}`,
    };
  }
  return withEvidence({ ...measured, status: band }, options.significance ?? DEFAULT_SIGNIFICANCE);
}

/** Takes WARN or FAIL back when the (adjusted) p-value does not pass `significance`. */
export function withEvidence(feature: FeatureDrift, significance: number): FeatureDrift {
  const inDrift = feature.status === 'WARN' || feature.status === 'FAIL';
  const p = feature.p_adjusted ?? feature.p_value;
  if (!inDrift || (p !== null && p <= significance)) {
    return feature;
  }
  const because = `${feature.short} ${feature.value?.toFixed(3)} may be chance: p = ${p?.toPrecision(2)}, above ${significance}`;
  return { ...feature, status: 'OK', because };
}

/** OK below `warn`, WARN from there to `fail`, FAIL above it. */
export function bandOf(value: number, warn: number, fail: number): DriftStatus {
  return value > fail ? 'FAIL' : value >= warn ? 'WARN' : 'OK';
}

function describe(comparison: Comparison, options: FeatureDriftOptions): FeatureDrift {
  const { reference, current } = comparison;
  const { statistic = psi, warn, fail } = options;
  const beside = BESIDE.filter(
    (other) => other !== statistic && other.appliesTo.includes(reference.bins.kind),
  );
  return {
    name: reference.name,
    kind: reference.bins.kind,
    status: 'INSUFFICIENT',
    statistic: statistic.id,
    short: statistic.short,
    value: null,
    value_debiased: null,
    error: null,
    in_units: null,
    psi: psi.of(comparison).value,
    p_value: null,
    p_adjusted: null,
    method: null,
    interval: null,
    levels: { warn, fail },
    importance: null,
    priority: null,
    beside: Object.fromEntries(beside.map((other) => [other.id, other.of(comparison).value])),
    parts: [],
    cells: [],
    rows: { reference: reference.rows, current: current.rows },
    nulls: { reference: reference.nulls, current: current.nulls },
    units: options.units ?? null,
    because: '',
  };
}

/** The PSI by cell and cause, and from them the sentence. */
function withCells(base: FeatureDrift, comparison: Comparison): FeatureDrift {
  const { reference, current, cells: pairs } = comparison;
  const { bins } = reference;
  const ends =
    bins.kind === 'numeric' ? { low: bins.coarse[0], high: bins.coarse[bins.coarse.length - 1] } : null;
  const cells = psiCells(pairs);
  const parts = psiParts(pairs, cells, outsideRise(reference, current), ends);
  return { ...base, parts, cells, because: movement(reference, current, parts, cells) };
}

/**
 * Says why the windows are too small for a value to mean anything. Rows count as independent at best: a design effect
 * below 1 (the same users on both sides) is no reason to be content with fewer.
 */
function shortage(comparison: Comparison, evidence: Evidence, options: FeatureDriftOptions): string {
  const { statistic = psi, warn } = options;
  const [reference, current] = [comparison.reference.rows, comparison.current.rows];
  const designEffect = Math.max(1, evidence.designEffect);
  const side = reference < current ? 'reference' : 'current';
  const [rows, other] = side === 'reference' ? [reference, current] : [current, reference];
  const needed = rowsNeeded((n) => statistic.nullBound(comparison, n), other, warn, designEffect);
  const spread =
    designEffect > 1.5
      ? ` (rows of one unit resemble each other: ${designEffect.toFixed(1)} are worth one)`
      : '';
  const need = Number.isFinite(needed) ? `about ${needed} are needed` : 'both windows need more';
  return `too few rows: ${rows} in the ${side} window, ${need} for ${statistic.short} ${warn} to mean anything${spread}`;
}

function refuseMismatch(
  reference: ColumnProfile,
  current: ColumnProfile,
  options: FeatureDriftOptions,
): void {
  if (reference.name !== current.name || !sameBins(reference.bins, current.bins)) {
    throw new ChurnError('model.mismatch', {
      expected: `current ${reference.name} counted over the bins of its reference profile`,
      came: reference.name === current.name ? 'other bins' : `a profile of ${current.name}`,
    });
  }
  if (options.unitAware && !(reference.groups && current.groups)) {
    throw new ChurnError('model.mismatch', {
      expected: `counts of ${reference.name} by unit group, since units have several rows`,
      came: 'a profile without them',
      fix: 'name the unit (user) when counting',
    });
  }
}
