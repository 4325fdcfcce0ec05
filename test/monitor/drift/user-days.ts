import { featureDrift } from '../../../src/monitor/drift/feature.js';
import type { FeatureDrift } from '../../../src/monitor/drift/report.js';
import { numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../../src/monitor/profile/count.js';
import type { ColumnProfile, NumericBins } from '../../../src/monitor/profile/profile.js';
import { hash32, type Random, random } from '../../../src/random.js';

/** A world without drift in which users differ: value = sqrt(alike) user + sqrt(1 - alike) day, both standard normal. */
export interface World {
  users: { reference: number; current: number };
  days: { reference: number; current: number };
  /** Correlation of two days of one user. */
  alike: number;
  sameUsers: boolean;
  /** Zero-inflated: below 0 becomes 0; few: rounded to whole numbers; otherwise continuous. */
  kind?: 'continuous' | 'zeros' | 'few';
}

export function worldBins(world: World): NumericBins {
  const chance = random('bins');
  return numericBins(Float64Array.from({ length: 20_000 }, () => shaped(chance.normal(), world)));
}

/** Share of checks of an unchanged feature whose p-value is at most `level`. */
export function falseAlarms(world: World, checks: number, level: number, unitAware = true): number {
  const bins = worldBins(world);
  let alarms = 0;
  for (let check = 0; check < checks; check++) {
    const p = driftOf(world, bins, check, unitAware).p_value ?? 1;
    alarms += p <= level ? 1 : 0;
  }
  return alarms / checks;
}

export function driftOf(
  world: World,
  bins: NumericBins,
  check: number,
  unitAware: boolean,
  shift = 0,
): FeatureDrift {
  const chance = random(`world ${check}`);
  const users = Float64Array.from({ length: Math.max(world.users.reference, world.users.current) }, () =>
    chance.normal(),
  );
  const others = world.sameUsers ? users : users.map(() => chance.normal());
  const offset = world.sameUsers ? 0 : users.length;
  const reference = windowOf(world, 'reference', users, 0, bins, chance, 0, check);
  const current = windowOf(world, 'current', others, offset, bins, chance, shift, check);
  return featureDrift(reference, current, { warn: 0.1, fail: 0.25, seed: check, unitAware });
}

function windowOf(
  world: World,
  side: 'reference' | 'current',
  users: Float64Array,
  offset: number,
  bins: NumericBins,
  chance: Random,
  shift: number,
  check: number,
): ColumnProfile {
  const days = world.days[side];
  const rows = world.users[side] * days;
  const values = new Float64Array(rows);
  const groups = new Uint8Array(rows);
  for (let user = 0; user < world.users[side]; user++) {
    const group = hash32(`${check} ${user + offset}`) % 64;
    for (let day = 0; day < days; day++) {
      const value =
        Math.sqrt(world.alike) * users[user] + Math.sqrt(1 - world.alike) * chance.normal() + shift;
      values[user * days + day] = shaped(value, world);
      groups[user * days + day] = group;
    }
  }
  return profileOfValues('x', bins, values, groups);
}

function shaped(value: number, world: World): number {
  switch (world.kind) {
    case 'zeros':
      return Math.max(0, value);
    case 'few':
      return Math.round(value);
    default:
      return value;
  }
}
