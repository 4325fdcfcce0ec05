import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { incompleteBeta, kolmogorovSurvival, studentTwoSided } from '../../../src/maths/distributions.js';
import { benjaminiYekutieli } from '../../../src/monitor/drift/adjustment.js';
import { statisticOf } from '../../../src/monitor/drift/choice.js';
import { newcombeInterval, wilsonInterval } from '../../../src/monitor/drift/rate.js';
import { random } from '../../../src/random.js';
import { close } from '../../reference/monitor.js';
import { ofCounts, ofNumbers } from './comparisons.js';

/** Values of scipy and statsmodels; made by drift-statistics.py beside the JSON. */
interface StatisticsReference {
  shares: (Record<string, number> & { name: string; reference: number[]; current: number[] })[];
  numbers: {
    name: string;
    reference: (number | null)[];
    current: (number | null)[];
    ks: { d: number; limit_p: number; p: number };
    wasserstein: { in_units: number; value: number };
    welch: { value: number; t: number; df: number; p: number };
    missing: { value: number; z: number; p: number; interval: [number, number] } | null;
    out_of_range: number;
  }[];
  wilson: { count: number; rows: number; interval: [number, number] }[];
  newcombe: { reference: [number, number]; current: [number, number]; interval: [number, number] }[];
  benjamini_yekutieli: { p: number[]; adjusted: number[] }[];
  kolmogorov: [x: number, p: number][];
  student: [t: number, degrees: number, p: number][];
  betainc: [a: number, b: number, x: number, value: number][];
}

const reference = JSON.parse(
  readFileSync(join('test', 'reference', 'drift-statistics.json'), 'utf8'),
) as StatisticsReference;
const SAMPLING = { unitAware: false, seed: 1 };
const floats = (list: (number | null)[]) => Float64Array.from(list, (value) => value ?? Number.NaN);

test('statistics of cells equal scipy', () => {
  for (const each of reference.shares) {
    const comparison = ofCounts(each.reference, each.current);
    for (const id of [
      'psi',
      'jensen_shannon',
      'hellinger',
      'total_variation',
      'l_infinity',
      'chi_squared',
      'kl',
    ]) {
      close(statisticOf(id).of(comparison).value!, each[id], 1e-9, `${each.name}: ${id}`);
    }
  }
});

test('KS and Wasserstein lie within their stated error of scipy on the raw values', () => {
  for (const { name, reference: before, current, ks, wasserstein } of reference.numbers) {
    const comparison = ofNumbers(floats(before), floats(current));
    const d = statisticOf('kolmogorov_smirnov').of(comparison);
    assert.ok(d.value !== null && d.value <= ks.d + 1e-12 && ks.d <= d.value + d.error! + 1e-12, name);
    assert.ok(d.error! <= 0.03, `${name}: error ${d.error}`);
    const w = statisticOf('wasserstein').of(comparison);
    assert.ok(w.value !== null && Math.abs(w.value - wasserstein.value) <= w.error! + 1e-12, name);
    assert.ok(Math.abs(w.in_units! - wasserstein.in_units) <= 0.06 * wasserstein.in_units, name);
  }
});

test('KS and Wasserstein of few distinct values are exact', () => {
  const each = reference.numbers.find(({ name }) => name === 'few values')!;
  const comparison = ofNumbers(floats(each.reference), floats(each.current));
  close(statisticOf('kolmogorov_smirnov').of(comparison).value!, each.ks.d, 1e-12);
  close(statisticOf('wasserstein').of(comparison).value!, each.wasserstein.value, 1e-12);
});

test("the p-value of KS is close to scipy's, which rounds n", () => {
  for (const { name, reference: before, current, ks } of reference.numbers) {
    const comparison = ofNumbers(floats(before), floats(current));
    const { p } = statisticOf('kolmogorov_smirnov').evidence(comparison, SAMPLING)!;
    assert.ok(p >= ks.p - 0.02 && (ks.p < 1e-4 ? p < 1e-3 : p <= 3 * ks.p + 0.02), `${name}: ${p}, ${ks.p}`);
  }
});

test('mean shift equals scipy: value, t, degrees, p', () => {
  for (const { name, reference: before, current, welch } of reference.numbers) {
    const comparison = ofNumbers(floats(before), floats(current));
    close(statisticOf('mean_shift').of(comparison).value!, welch.value, 1e-10, name);
    const evidence = statisticOf('mean_shift').evidence(comparison, SAMPLING)!;
    close(evidence.statistic, welch.t, 1e-10, name);
    close(evidence.degrees!, welch.df, 1e-10, name);
    close(evidence.p, welch.p, 1e-8, name);
  }
});

test('rates equal statsmodels: value, z, p, interval', () => {
  for (const { name, reference: before, current, missing, out_of_range } of reference.numbers) {
    const comparison = ofNumbers(floats(before), floats(current));
    close(statisticOf('out_of_range_rate').of(comparison).value!, out_of_range, 1e-12, name);
    if (missing !== null) {
      close(statisticOf('missing_rate').of(comparison).value!, missing.value, 1e-12, name);
      const evidence = statisticOf('missing_rate').evidence(comparison, SAMPLING)!;
      close(evidence.statistic, missing.z, 1e-12, name);
      close(evidence.p, missing.p, 1e-9, name);
      evidence.interval!.forEach((end, i) => {
        close(end, missing.interval[i], 1e-9, name);
      });
    }
  }
  const unseen = ofCounts([50, 50], [40, 40, 20]);
  close(statisticOf('unseen_rate').of(unseen).value!, 0.2, 1e-12);
});

test('Wilson and Newcombe intervals equal statsmodels', () => {
  for (const { count, rows, interval } of reference.wilson) {
    wilsonInterval(count, rows).forEach((end, i) => {
      assert.ok(Math.abs(end - interval[i]) < 1e-12, `${count} of ${rows}`);
    });
  }
  for (const {
    reference: [a, n],
    current: [b, m],
    interval,
  } of reference.newcombe) {
    newcombeInterval({ reference: a, current: b }, { reference: n, current: m }).forEach((end, i) => {
      close(end, interval[i], 1e-9);
    });
  }
});

test('p-values adjusted after Benjamini and Yekutieli equal scipy', () => {
  for (const { p, adjusted } of reference.benjamini_yekutieli) {
    benjaminiYekutieli(p).forEach((value, i) => {
      close(value, adjusted[i], 1e-12);
    });
  }
});

test('distributions equal scipy', () => {
  for (const [x, p] of reference.kolmogorov) {
    close(kolmogorovSurvival(x), p, 1e-12, `Kolmogorov ${x}`);
  }
  for (const [t, degrees, p] of reference.student) {
    close(studentTwoSided(t, degrees), p, 1e-11, `Student ${t}, ${degrees}`);
  }
  for (const [a, b, x, value] of reference.betainc) {
    close(incompleteBeta(a, b, x), value, 1e-11, `beta ${a}, ${b}, ${x}`);
  }
});

/** User-days of unchanged users: 200 users, 10 days each, the user's own level decides most. */
function userDays(seed: string, nullUsers: boolean) {
  const chance = random(seed);
  const [values, groups] = [new Float64Array(2_000), new Uint8Array(2_000)];
  for (let user = 0; user < 200; user++) {
    const [level, group] = [chance.normal(), chance.integer(64)];
    const share = nullUsers && chance.uniform() < 0.3 ? 0.9 : 0;
    for (let day = 0; day < 10; day++) {
      values[user * 10 + day] = chance.uniform() < share ? Number.NaN : level + 0.3 * chance.normal();
      groups[user * 10 + day] = group;
    }
  }
  return { values, groups };
}

for (const id of ['mean_shift', 'missing_rate', 'out_of_range_rate', 'kolmogorov_smirnov']) {
  test(`${id}: user-days of other users raise at most 4 % false alarms at 1 %; taken as independent they raise many`, () => {
    const checks = 300;
    let [aware, naive] = [0, 0];
    for (let check = 0; check < checks; check++) {
      const [a, b] = [userDays(`a${check}`, true), userDays(`b${check}`, true)];
      const comparison = ofNumbers(a.values, b.values, { reference: a.groups, current: b.groups });
      const statistic = statisticOf(id);
      aware += statistic.evidence(comparison, { unitAware: true, seed: check })!.p <= 0.01 ? 1 : 0;
      naive += statistic.evidence(comparison, { unitAware: false, seed: check })!.p <= 0.01 ? 1 : 0;
    }
    assert.ok(aware <= 0.04 * checks, `${aware} of ${checks}`);
    assert.ok(naive >= 0.06 * checks, `independent: ${naive} of ${checks}`);
  });
}
