import { hellingerOfShares } from '../../hellinger.js';
import { jensenShannonOfShares } from '../../jensen-shannon.js';
import { klOfShares } from '../../kl.js';
import { psiOfShares } from '../../psi.js';
import type { RawColumn, RawValues } from '../compat.js';
import { histogram, sturgesEdges } from '../histogram.js';
import { pairedCounts, sortedNumbers, valueCounts } from '../raw.js';
import type { StatTest } from './stattest.js';

const BOTH = ['numeric', 'categorical'] as const;

/** get_binned_data: Sturges' bins of both windows together, or values themselves up to 20 of them. Shares of all rows. */
function shares(reference: RawValues, current: RawValues, kind: RawColumn['kind']): [number[], number[]] {
  const counts =
    kind === 'numeric' && valueCounts(reference).size > 20
      ? numberCounts(reference, current)
      : pairedCounts(reference, current);
  return [
    counts.reference.map((count) => count / reference.length),
    counts.current.map((count) => count / current.length),
  ];
}

function numberCounts(reference: RawValues, current: RawValues) {
  const [before, now] = [sortedNumbers(reference), sortedNumbers(current)];
  const edges = sturgesEdges(Float64Array.from([...before, ...now]).sort());
  return { reference: histogram(before, edges), current: histogram(now, edges) };
}

/** Empty bins get 0.0001, or a millionth of the smallest share when that is no larger. Nothing is renormalised. */
function filled(list: readonly number[]): number[] {
  const smallest = Math.min(...list.filter((share) => share > 0));
  return list.map((share) => (share > 0 ? share : smallest <= 1e-4 ? smallest / 1e6 : 1e-4));
}

const normalised = (list: readonly number[]) => {
  const sum = list.reduce((all, share) => all + share, 0);
  return list.map((share) => share / sum);
};

function binnedTest(
  name: string,
  formula: (p: readonly number[], q: readonly number[]) => number,
  prepare: (list: readonly number[]) => number[],
): StatTest {
  return {
    name,
    appliesTo: BOTH,
    form: 'distance',
    threshold: 0.1,
    of: (reference, current, kind) => {
      const [p, q] = shares(reference, current, kind).map(prepare);
      return { value: formula(p, q) };
    },
  };
}

export const psiTest = binnedTest('psi', psiOfShares, filled);
/** entropy(reference, current) of shares that scipy brings to sum 1. */
export const klTest = binnedTest(
  'kl_div',
  (p, q) => klOfShares(q, p),
  (list) => normalised(filled(list)),
);
/** In base e, so at most 0.8326. */
export const jensenShannonTest = binnedTest(
  'jensenshannon',
  (p, q) => jensenShannonOfShares(p, q, Math.E),
  normalised,
);

/** Numbers in Sturges' bins of the distinct values. Nulls are dropped. */
export const hellingerTest: StatTest = {
  name: 'hellinger',
  appliesTo: BOTH,
  form: 'distance',
  threshold: 0.1,
  of: (reference, current, kind) => {
    const counts = pairedCounts(reference, current);
    if (kind === 'categorical') {
      return { value: hellingerOfShares(normalised(counts.reference), normalised(counts.current)) };
    }
    const edges = sturgesEdges(Float64Array.from(counts.keys as number[]).sort());
    const [p, q] = [reference, current].map((values) => normalised(histogram(sortedNumbers(values), edges)));
    return { value: hellingerOfShares(p, q) };
  },
};
