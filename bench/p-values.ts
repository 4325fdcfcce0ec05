/**
 * How often checks of data that did not change call drift, and how often a shift is found: ours beside the defaults of Evidently and
 * NannyML (as --compat repeats them) on the same samples. Prints Markdown; docs/p-values.md holds a run of it.
 * Options: --checks N (2000 at 1,000 rows; fewer for more rows), --users-checks N (300), --years N (1).
 */

import { comparisonOf } from '../src/monitor/drift/cells.js';
import { statisticOf } from '../src/monitor/drift/choice.js';
import { evidently } from '../src/monitor/drift/compat/evidently/evidently.js';
import { nannyml } from '../src/monitor/drift/compat/nannyml.js';
import { featureDrift } from '../src/monitor/drift/feature.js';
import { categoricalBins, numericBins } from '../src/monitor/profile/bins.js';
import { profileOfValues } from '../src/monitor/profile/count.js';
import type { ColumnProfile } from '../src/monitor/profile/profile.js';
import { type Random, random } from '../src/random.js';
import { driftOf, falseAlarms, type World, worldBins } from '../test/monitor/drift/user-days.js';
import { numberOption, progress, table } from './measuring/report.js';
import { cleanYears } from './quality/clean-years.js';

type Draw = (chance: Random) => number | string;

/** Columns that did not change; the continuous ones have p-values of any size. */
const COLUMNS: { name: string; continuous: boolean; draw: Draw }[] = [
  { name: 'normal', continuous: true, draw: (chance) => chance.normal() },
  { name: 'skewed (lognormal)', continuous: true, draw: (chance) => Math.exp(0.8 * chance.normal()) },
  {
    name: '10 % nulls',
    continuous: true,
    draw: (chance) => (chance.uniform() < 0.1 ? Number.NaN : chance.normal()),
  },
  {
    name: '60 % zeros',
    continuous: false,
    draw: (chance) => (chance.uniform() < 0.6 ? 0 : chance.gamma(1)),
  },
  { name: 'ties (Poisson, mean 3)', continuous: false, draw: (chance) => chance.poisson(3) },
  { name: '8 categories', continuous: false, draw: (chance) => `c${Math.floor(8 * chance.uniform() ** 2)}` },
];

function profilesOf(
  draw: Draw,
  rows: { reference: number; current: number },
  chance: Random,
): { reference: ColumnProfile; current: ColumnProfile } {
  const first = draw(chance);
  if (typeof first === 'string') {
    const texts = (count: number) => Array.from({ length: count }, () => draw(chance) as string);
    const [before, now] = [texts(rows.reference), texts(rows.current)];
    const bins = categoricalBins(before.map((value) => [value, 1]));
    return { reference: profileOfValues('x', bins, before), current: profileOfValues('x', bins, now) };
  }
  const numbers = (count: number) => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      values[i] = draw(chance) as number;
    }
    return values;
  };
  const [before, now] = [numbers(rows.reference), numbers(rows.current)];
  // As many rows as the program takes its edges from.
  const bins = numericBins(before.subarray(0, 50_000));
  return { reference: profileOfValues('x', bins, before), current: profileOfValues('x', bins, now) };
}

const percent = (count: number, of: number) => `${((100 * count) / of).toFixed(2)} %`;

/** Checks of so many rows, at about the same time for each size. */
function checksFor(rows: number, checks: number): number {
  return Math.max(rows < 1e6 ? 200 : 60, Math.round(checks * Math.min(2, 1000 / rows)));
}

function unchanged(checks: number): string {
  const ids = ['psi', 'kolmogorov_smirnov', 'mean_shift', 'missing_rate'];
  const rows: string[][] = [];
  for (const { name, continuous, draw } of COLUMNS) {
    for (const size of [100, 1_000, 10_000, 100_000, 1_000_000]) {
      progress(`${name}, ${size} rows`);
      const count = checksFor(size, checks);
      const hits = ids.map(() => 0);
      const defined = ids.map(() => 0);
      let drifts = 0;
      for (let check = 0; check < count; check++) {
        const chance = random(`${name} ${size} ${check}`);
        const pair = profilesOf(draw, { reference: size, current: size }, chance);
        const comparison = comparisonOf(pair.reference, pair.current);
        ids.forEach((id, i) => {
          const statistic = statisticOf(id);
          const applies = statistic.appliesTo.includes(pair.reference.bins.kind);
          const missing = id !== 'missing_rate' || pair.reference.nulls + pair.current.nulls > 0;
          if (applies && missing && statistic.of(comparison).value !== null) {
            defined[i]++;
            hits[i] += statistic.evidence(comparison, { unitAware: false, seed: check })!.p <= 0.01 ? 1 : 0;
          }
        });
        const { status } = featureDrift(pair.reference, pair.current, {
          warn: 0.1,
          fail: 0.25,
          seed: check,
          unitAware: false,
        });
        drifts += status === 'WARN' || status === 'FAIL' ? 1 : 0;
      }
      rows.push([
        name,
        continuous ? 'yes' : 'no',
        size.toLocaleString('en'),
        String(count),
        ...ids.map((_, i) => (defined[i] === 0 ? '-' : percent(hits[i], defined[i]))),
        percent(drifts, count),
      ]);
    }
  }
  return table(
    ['column', 'continuous', 'rows each', 'checks', 'cells (PSI)', 'KS', 'Welch', 'missing', 'verdict'],
    rows,
  );
}

function userDays(checks: number): string {
  const rows: string[][] = [];
  const sizes: Pick<World, 'users' | 'days'>[] = [
    { users: { reference: 400, current: 400 }, days: { reference: 10, current: 7 } },
    { users: { reference: 2_000, current: 1_000 }, days: { reference: 1, current: 7 } },
    { users: { reference: 300, current: 100 }, days: { reference: 30, current: 7 } },
  ];
  for (const size of sizes) {
    for (const sameUsers of [true, false]) {
      for (const alike of [0.2, 0.9]) {
        const world: World = { ...size, sameUsers, alike };
        progress(`user-days ${JSON.stringify(world)}`);
        const bins = worldBins(world);
        let verdicts = 0;
        for (let check = 0; check < checks; check++) {
          const { status } = driftOf(world, bins, check, true);
          verdicts += status === 'WARN' || status === 'FAIL' ? 1 : 0;
        }
        rows.push([
          `${size.users.reference} x ${size.days.reference} against ${size.users.current} x ${size.days.current}`,
          sameUsers ? 'same' : 'other',
          String(alike),
          `${(100 * falseAlarms(world, checks, 0.01)).toFixed(1)} %`,
          `${(100 * falseAlarms(world, checks, 0.01, false)).toFixed(1)} %`,
          percent(verdicts, checks),
        ]);
      }
    }
  }
  return table(
    [
      'users x days',
      'users',
      "correlation of a user's days",
      'ours, by unit group',
      'rows taken as independent',
      'verdict',
    ],
    rows,
  );
}

function power(checks: number): string {
  const rows: string[][] = [];
  for (const size of [500, 1_000, 10_000]) {
    for (const shift of [0, 0.1, 0.2, 0.5]) {
      progress(`power, ${size} rows, shift ${shift}`);
      const count = Math.max(100, Math.round(checks * Math.min(1, 1000 / size)));
      const found = { evidence: 0, warn: 0, fail: 0, evidently: 0, nannyml: 0 };
      for (let check = 0; check < count; check++) {
        const chance = random(`power ${size} ${shift} ${check}`);
        const values = (by: number) => Float64Array.from({ length: size }, () => chance.normal() + by);
        const [reference, current] = [values(0), values(shift)];
        const bins = numericBins(reference);
        const ours = featureDrift(
          profileOfValues('x', bins, reference),
          profileOfValues('x', bins, current),
          {
            warn: 0.1,
            fail: 0.25,
            seed: check,
            unitAware: false,
          },
        );
        const column = { name: 'x', kind: 'numeric' as const, reference, current };
        const options = { statistic: null, warn: 0.1, fail: 0.25 };
        found.evidence += (ours.p_value ?? 1) <= 0.05 ? 1 : 0;
        found.warn += ours.status === 'WARN' || ours.status === 'FAIL' ? 1 : 0;
        found.fail += ours.status === 'FAIL' ? 1 : 0;
        found.evidently += evidently.compare(column, options).status === 'FAIL' ? 1 : 0;
        found.nannyml += nannyml.compare(column, options).status === 'FAIL' ? 1 : 0;
      }
      const share = (hits: number) => `${((100 * hits) / count).toFixed(0)} %`;
      rows.push([
        size.toLocaleString('en'),
        String(shift),
        share(found.evidence),
        share(found.warn),
        share(found.fail),
        share(found.evidently),
        share(found.nannyml),
      ]);
    }
  }
  return table(
    [
      'rows each',
      'shift, sigma',
      'our evidence at 5 %',
      'our WARN or FAIL',
      'our FAIL',
      'Evidently default',
      'NannyML default (any of ten chunks)',
    ],
    rows,
  );
}

const checks = numberOption('checks', 2000);
const users = numberOption('users-checks', 300);
const years = numberOption('years', 1);
console.log(`## Data that did not change, rows independent\n\n${unchanged(checks)}\n`);
console.log(`## User-days that did not change\n\n${userDays(users)}\n`);
console.log(`## Power\n\n${power(Math.min(checks, 400))}\n`);
console.log(`## False pages of a daily check on clean years\n\n${await cleanYears(years)}`);
