import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { benjaminiHochberg } from '../../../src/monitor/drift/adjustment.js';
import { pearsonStatistic } from '../../../src/monitor/drift/evidence.js';
import { pearsonEvidence } from '../../../src/monitor/drift/pearson.js';
import { dealCounts, hypergeometric, permutationP } from '../../../src/monitor/drift/permutation.js';
import { raoScottEvidence } from '../../../src/monitor/drift/rao-scott.js';
import { random } from '../../../src/random.js';
import { close, monitorReference, sharedData } from '../../reference/monitor.js';
import { driftOf, falseAlarms, type World, worldBins } from './user-days.js';

const outside = monitorReference();
const tableOf = ([reference, current]: [number[], number[]]) => ({ reference, current });

test('Pearson equals scipy chi2_contingency', () => {
  for (const each of outside.pearson) {
    const evidence = pearsonEvidence(tableOf(each.table), 1);
    assert.equal(evidence.method, 'pearson');
    close(evidence.statistic, each.statistic, 1e-12);
    close(evidence.p, each.p, 1e-10);
  }
});

const shared =
  sharedData<{ id: string; reference: number[]; current: number[]; expected: number }[]>(
    'statistic_cases.json',
  );

test('Pearson equals popmon, empty bins dropped', { skip: shared.skip }, () => {
  const found = (id: string) => shared.data!.find((each) => each.id === id)!;
  const { reference, current, expected } = found('popmon-082');
  const kept = [...reference.keys()].filter((i) => reference[i] + current[i] > 0);
  const table = { reference: kept.map((i) => reference[i]), current: kept.map((i) => current[i]) };
  assert.ok(Math.abs(pearsonStatistic(table) - expected) < 1e-4);
  assert.equal(kept.length - 1, 2);
});

test('permutation agrees with the exact p-value by enumeration, and repeats by seed', () => {
  for (const each of outside.permutation) {
    const evidence = pearsonEvidence(tableOf(each.table), 'seed');
    assert.equal(evidence.method, 'permutation');
    // 100 hits end it, so the relative deviation is about a tenth.
    assert.ok(Math.abs(evidence.p / each.p - 1) < 0.3, `${evidence.p}, exact ${each.p}`);
    assert.equal(pearsonEvidence(tableOf(each.table), 'seed').p, evidence.p);
  }
});

test('hypergeometric draws have the right mean and variance, also for millions of rows', () => {
  for (const [good, bad, draws] of [
    [8, 4, 6],
    [3, 900_000, 500_000],
    [200_000, 800_000, 400_000],
  ]) {
    // prettier-ignore
    const chance = random(`h ${good}`);
    const values = Array.from({ length: 4_000 }, () => hypergeometric(good, bad, draws, chance));
    const all = good + bad;
    const mean = (draws * good) / all;
    const variance = (mean * bad * (all - draws)) / all / (all - 1);
    const seen = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = values.reduce((sum, value) => sum + (value - seen) ** 2, 0) / (values.length - 1);
    assert.ok(Math.abs(seen - mean) < 4 * Math.sqrt(variance / values.length), `mean ${seen}, not ${mean}`);
    assert.ok(Math.abs(spread / variance - 1) < 0.12, `variance ${spread}, not ${variance}`);
  }
});

test('dealing keeps all totals', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(30), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (columns, share) => {
        const drawn = Math.floor(share * columns.reduce((sum, count) => sum + count, 0));
        const dealt = dealCounts(columns, drawn, random(drawn));
        assert.equal(
          dealt.reduce((sum, count) => sum + count, 0),
          drawn,
        ); // prettier-ignore
        assert.ok(dealt.every((count, i) => count >= 0 && count <= columns[i]));
      },
    ),
  );
});

test('permutation keeps its level on sparse tables', () => {
  const chance = random('level');
  const shares = [0.9, 0.06, 0.03, 0.01];
  const counts = (n: number) => {
    const list = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const u = chance.uniform();
      list[u < shares[0] ? 0 : u < 0.96 ? 1 : u < 0.99 ? 2 : 3]++;
    }
    return list;
  };
  let alarms = 0;
  for (let check = 0; check < 400; check++) {
    const table = { reference: counts(120), current: counts(60) };
    alarms += permutationP(table, random(`permutation ${check}`)) <= 0.05 ? 1 : 0;
  }
  assert.ok(alarms <= 36, `${alarms} of 400 at 5 %`);
});

const USER_DAYS = { users: { reference: 250, current: 250 }, days: { reference: 10, current: 7 } };

test('user-days: at a stated 1 % Rao-Scott alarms in 0 to 3 %, rows taken as independent in far more', () => {
  const other: World = { ...USER_DAYS, alike: 0.9, sameUsers: false };
  for (const world of [
    other,
    { ...other, sameUsers: true },
    { ...other, alike: 0.3, kind: 'zeros' as const },
  ]) {
    const alarms = falseAlarms(world, 400, 0.01);
    assert.ok(alarms <= 0.03, `${100 * alarms} % with ${JSON.stringify(world)}`);
  }
  assert.ok(falseAlarms(other, 100, 0.01, false) > 0.3);
});

test('user-days: real drift is found', () => {
  const world: World = { ...USER_DAYS, users: { reference: 800, current: 800 }, alike: 0.7, sameUsers: true };
  const bins = worldBins(world);
  for (let check = 0; check < 5; check++) {
    const feature = driftOf(world, bins, check, true, 0.6);
    assert.equal(feature.method, 'rao_scott');
    assert.equal(feature.status, 'FAIL', feature.because);
  }
});

test('Rao-Scott: too few groups is no answer, no difference is p = 1, a total change is certain', () => {
  const groups = (counts: number[], used = 64) =>
    Array.from({ length: 64 }, (_, g) => (g < used ? counts : [0, 0]));
  assert.equal(raoScottEvidence({ reference: groups([5, 5], 15), current: groups([5, 5], 15) }), null);
  assert.equal(raoScottEvidence({ reference: groups([5, 5]), current: groups([5, 5]) })!.p, 1);
  assert.ok(raoScottEvidence({ reference: groups([9, 0]), current: groups([0, 9]) })!.p < 1e-100);
});

test('Benjamini-Hochberg equals scipy false_discovery_control and never lowers a p-value', () => {
  for (const { p, adjusted } of outside.benjamini_hochberg) {
    benjaminiHochberg(p).forEach((value, i) => {
      close(value, adjusted[i], 1e-14);
    });
  }
  assert.deepEqual(benjaminiHochberg([]), []);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (p) =>
      benjaminiHochberg(p).every((value, i) => value >= p[i] && value <= 1),
    ),
  );
});
