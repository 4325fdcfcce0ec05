import { ChurnError } from '../../error.js';
import { sameBins } from '../profile/merge.js';
import type { ColumnProfile } from '../profile/profile.js';
import { movement } from './because.js';
import { type CellPair, pairCells } from './cells.js';
import type { Evidence } from './evidence.js';
import { nullBound, nullMean, rowsNeeded } from './noise.js';
import { outsideRise, psiParts } from './parts.js';
import { pearsonEvidence } from './pearson.js';
import { psi, psiCells } from './psi.js';
import { FEWEST_GROUPS, raoScottEvidence } from './rao-scott.js';
import type { DriftStatus, FeatureDrift } from './report.js';

export interface FeatureDriftOptions {
  /** Bands of the effect: from `warn` on WARN, above `fail` FAIL. */
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

/**
 * Compares one column over two windows. Effect (PSI, 10 coarse bins and the cells for nulls and unseen values)
 * and evidence (a p-value of its own) are separate numbers; WARN and FAIL need both. INSUFFICIENT when a window
 * is empty, when neither window holds a value, or when they are so small that an unchanged feature would pass
 * `warn` in more than 1 % of checks. p_adjusted is the p-value itself until driftReport knows the other features.
 *
 * @throws ChurnError model.mismatch for profiles of different columns or bins, or without the unit groups asked for
 */
export function featureDrift(
  reference: ColumnProfile,
  current: ColumnProfile,
  options: FeatureDriftOptions,
): FeatureDrift {
  refuseMismatch(reference, current, options);
  const pairs = pairCells(reference, current);
  const base = describe(reference, current, options);
  const effect = psi.of(pairs);
  if (effect.value === null) {
    return { ...base, because: `${reference.name} cannot be judged: ${effect.reason}` };
  }
  if (reference.nulls === reference.rows && current.nulls === current.rows) {
    return { ...base, because: `${reference.name} cannot be judged: it has no value in either window` };
  }
  const evidence = options.unitAware
    ? raoScottEvidence({ reference: groupsOf(reference, pairs), current: groupsOf(current, pairs) })
    : pearsonEvidence(
        { reference: pairs.map((pair) => pair.reference), current: pairs.map((pair) => pair.current) },
        `${options.seed}/${reference.name}`,
      );
  if (evidence === null) {
    const because = `${reference.name} cannot be judged: its rows come from fewer than ${FEWEST_GROUPS} unit groups`;
    return { ...base, because };
  }
  const measured = withNumbers(base, reference, current, pairs, effect.value, evidence);
  const shortage = shortageOf(measured, pairs.length, evidence, options.warn);
  return shortage ? { ...measured, because: shortage } : judged(measured, options);
}

/** Status and sentence from effect and evidence; `measured.because` says what moved. */
function judged(measured: FeatureDrift, options: FeatureDriftOptions): FeatureDrift {
  const value = measured.value ?? 0;
  const band = bandOf(value, options.warn, options.fail);
  if (band === 'OK') {
    return { ...measured, status: 'OK', because: `PSI ${value.toFixed(3)} is below ${options.warn}` };
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
  const because = `PSI ${feature.value?.toFixed(3)} may be chance: p = ${p?.toPrecision(2)}, above ${significance}`;
  return { ...feature, status: 'OK', because };
}

/** OK below `warn`, WARN from there to `fail`, FAIL above it. */
export function bandOf(value: number, warn: number, fail: number): DriftStatus {
  return value > fail ? 'FAIL' : value >= warn ? 'WARN' : 'OK';
}

function describe(
  reference: ColumnProfile,
  current: ColumnProfile,
  options: FeatureDriftOptions,
): FeatureDrift {
  return {
    name: reference.name,
    kind: reference.bins.kind,
    status: 'INSUFFICIENT',
    statistic: psi.id,
    value: null,
    value_debiased: null,
    p_value: null,
    p_adjusted: null,
    method: null,
    parts: [],
    cells: [],
    rows: { reference: reference.rows, current: current.rows },
    nulls: { reference: reference.nulls, current: current.nulls },
    units: options.units ?? null,
    because: '',
  };
}

function withNumbers(
  base: FeatureDrift,
  reference: ColumnProfile,
  current: ColumnProfile,
  pairs: readonly CellPair[],
  value: number,
  evidence: Evidence,
): FeatureDrift {
  const { bins } = reference;
  const ends =
    bins.kind === 'numeric' ? { low: bins.coarse[0], high: bins.coarse[bins.coarse.length - 1] } : null;
  const cells = psiCells(pairs);
  const parts = psiParts(pairs, cells, outsideRise(reference, current), ends);
  const noise = nullMean({ cells: pairs.length, ...base.rows, designEffect: evidence.designEffect });
  return {
    ...base,
    value,
    value_debiased: Math.max(0, value - noise),
    p_value: evidence.p,
    p_adjusted: evidence.p,
    method: evidence.method,
    parts,
    cells,
    because: movement(reference, current, parts, cells),
  };
}

/**
 * Says why the windows are too small for a PSI to mean anything, or null. Rows count as independent at best: a
 * design effect below 1 (the same users on both sides) is no reason to be content with fewer.
 */
function shortageOf(feature: FeatureDrift, cells: number, evidence: Evidence, warn: number): string | null {
  const { reference, current } = feature.rows;
  const designEffect = Math.max(1, evidence.designEffect);
  if (nullBound({ cells, reference, current, designEffect }) < warn) {
    return null;
  }
  const side = reference < current ? 'reference' : 'current';
  const [rows, other] = side === 'reference' ? [reference, current] : [current, reference];
  const needed = rowsNeeded(cells, other, warn, designEffect);
  const spread =
    designEffect > 1.5
      ? ` (rows of one unit resemble each other: ${designEffect.toFixed(1)} are worth one)`
      : '';
  const need = Number.isFinite(needed) ? `about ${needed} are needed` : 'both windows need more';
  return `too few rows: ${rows} in the ${side} window, ${need} for PSI ${warn} to mean anything${spread}`;
}

function groupsOf(profile: ColumnProfile, pairs: readonly CellPair[]): number[][] {
  return (profile.groups ?? []).map((counts) => pairs.map((pair) => counts[pair.index]));
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
