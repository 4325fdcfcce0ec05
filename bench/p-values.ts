/**
 * How often checks of data that did not change call drift, and how often a shift is found: ours beside the defaults of Evidently and
 * NannyML (as --compat repeats them) on the same samples. Prints Markdown; docs/p-values.md holds a run of it.
 * Options: --checks N (5,000 a line), --users-checks N (2,000), --years N (2), --only unchanged,
 * user-days, power or years.
 */

import { evidently } from '../src/monitor/drift/compat/evidently/evidently.js';
import { nannyml } from '../src/monitor/drift/compat/nannyml.js';
import { featureDrift } from '../src/monitor/drift/feature.js';
import { numericBins } from '../src/monitor/profile/bins.js';
import { profileOfValues } from '../src/monitor/profile/count.js';
import { random } from '../src/random.js';
import { driftOf, type World, worldBins } from '../test/monitor/drift/user-days.js';
import { numberOption, percent, progress, table } from './measuring/report.js';
import { cleanYears } from './quality/clean-years.js';
import { unchanged } from './quality/unchanged.js';

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
        const hits = { units: 0, rows: 0, verdicts: 0 };
        for (let check = 0; check < checks; check++) {
          const { p_value, status } = driftOf(world, bins, check, true);
          hits.units += (p_value ?? 1) <= 0.01 ? 1 : 0;
          hits.rows += (driftOf(world, bins, check, false).p_value ?? 1) <= 0.01 ? 1 : 0;
          hits.verdicts += status === 'WARN' || status === 'FAIL' ? 1 : 0;
        }
        rows.push([
          `${size.users.reference} x ${size.days.reference} against ${size.users.current} x ${size.days.current}`,
          sameUsers ? 'same' : 'other',
          String(alike),
          checks.toLocaleString('en'),
          percent(hits.units, checks),
          percent(hits.rows, checks),
          percent(hits.verdicts, checks),
        ]);
      }
    }
  }
  return table(
    [
      'users x days',
      'users',
      "correlation of a user's days",
      'checks',
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

const checks = numberOption('checks', 5_000);
const users = numberOption('users-checks', 2_000);
const years = numberOption('years', 2);
const parts: [name: string, title: string, part: () => string | Promise<string>][] = [
  ['unchanged', 'Data that did not change, rows independent', () => unchanged(checks)],
  ['user-days', 'User-days that did not change', () => userDays(users)],
  ['power', 'Power', () => power(Math.min(checks, 400))],
  ['years', 'False pages of a daily check on clean years', () => cleanYears(years)],
];
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : null;
for (const [name, title, part] of parts) {
  if (only === null || only === name) {
    console.log(`## ${title}\n\n${await part()}\n`);
  }
}
