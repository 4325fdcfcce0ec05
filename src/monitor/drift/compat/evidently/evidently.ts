import type { CompatSystem, RawColumn, RawValues } from '../compat.js';
import { present, valueCounts } from '../raw.js';
import { hellingerTest, jensenShannonTest, klTest, psiTest } from './binned.js';
import { energyTest, eppsSingletonTest, kolmogorovSmirnovTest, tTest, wassersteinTest } from './numbers.js';
import { andersonTest, cramerVonMisesTest, mannWhitneyTest } from './ranks.js';
import type { StatTest } from './stattest.js';
import { chiSquareTest, fisherTest, gTest, totalVariationTest, zTest } from './tables.js';

/** All statistical tests of columns. */
export const STATTESTS: readonly StatTest[] = [
  psiTest,
  klTest,
  jensenShannonTest,
  hellingerTest,
  wassersteinTest,
  energyTest,
  kolmogorovSmirnovTest,
  tTest,
  mannWhitneyTest,
  andersonTest,
  cramerVonMisesTest,
  eppsSingletonTest,
  chiSquareTest,
  zTest,
  gTest,
  fisherTest,
  totalVariationTest,
];

const SMALL = 1000;

/** What Evidently takes when nothing is said: by the rows of the reference, and the distinct values of both windows. */
function defaultTest(reference: RawValues, current: RawValues, kind: RawColumn['kind']): StatTest {
  const distinct = new Set([...valueCounts(reference).keys(), ...valueCounts(current).keys()]).size;
  const few = kind === 'categorical' || distinct <= 5;
  if (reference.length > SMALL) {
    return few ? jensenShannonTest : wassersteinTest;
  }
  return few ? (distinct > 2 ? chiSquareTest : zTest) : kolmogorovSmirnovTest;
}

const namesFor = (kind: RawColumn['kind']) =>
  STATTESTS.filter(({ appliesTo }) => appliesTo.includes(kind)).map(({ name }) => name);

export const evidently: CompatSystem = {
  id: 'evidently',
  title: 'Evidently 0.7, data drift',
  rule: "evidently: Sturges' bins of both windows together (up to 20 distinct values: values), empty bins filled with 0.0001, nulls and infinities dropped; up to 1,000 rows a p-value, above a distance",
  source: 'Evidently 0.7.23, legacy/calculations/stattests',
  statistics: { numeric: namesFor('numeric'), categorical: namesFor('categorical') },
  compare: ({ kind, reference: before, current: now }, options) => {
    const [reference, current] = [present(before), present(now)];
    const test =
      STATTESTS.find(({ name }) => name === options.statistic) ?? defaultTest(reference, current, kind);
    const empty = reference.length === 0 || current.length === 0;
    // Numbers of few values go through the tests of categories.
    const found = empty
      ? { value: null, reason: 'a window without values' }
      : test.of(reference, current, kind);
    const byP = test.form === 'p_value';
    const drifted =
      found.value !== null && (byP ? found.value < test.threshold : found.value >= test.threshold);
    return {
      statistic: test.name,
      value: byP ? null : found.value,
      p_value: byP ? found.value : null,
      threshold: byP ? { lower: test.threshold, upper: null } : { lower: null, upper: test.threshold },
      status: found.value === null ? 'INSUFFICIENT' : drifted ? 'FAIL' : 'OK',
      chunks: [],
    };
  },
};
