import { comparisonOf } from '../../src/monitor/drift/cells.js';
import { statisticOf } from '../../src/monitor/drift/choice.js';
import { featureDrift } from '../../src/monitor/drift/feature.js';
import { categoricalBins, numericBins } from '../../src/monitor/profile/bins.js';
import { profileOfValues } from '../../src/monitor/profile/count.js';
import type { ColumnProfile } from '../../src/monitor/profile/profile.js';
import { textCounter } from '../../src/monitor/profile/text-counter.js';
import { type Random, random } from '../../src/random.js';
import { percent, progress, table } from '../measuring/report.js';
import { POPULATION, profileOfTimes, rowsOf, timesDrawer } from './population.js';

/** A column that does not change; a continuous one has p-values of any size. */
interface Unchanged {
  name: string;
  continuous: boolean;
  draw(chance: Random): number;
  /** Names for whole numbers: a column of categories. */
  categories?: readonly string[];
}

const COLUMNS: readonly Unchanged[] = [
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
  {
    name: '8 categories',
    continuous: false,
    draw: (chance) => Math.floor(8 * chance.uniform() ** 2),
    categories: Array.from({ length: 8 }, (_, i) => `c${i}`),
  },
];

const SIZES = [100, 1_000, 10_000, 100_000, 1_000_000];
const STATISTICS = ['psi', 'kolmogorov_smirnov', 'mean_shift', 'missing_rate'];
const LEVEL = 0.01;

/** As many rows as the program takes its edges from. */
const BINNED_ROWS = 50_000;

/** From so many rows on they are drawn from a finite population, whose cost does not grow with them. */
const POPULATION_FROM = 10_000;

/** Draws both windows of a check, counted over bins of the reference. */
type Source = (chance: Random) => { reference: ColumnProfile; current: ColumnProfile };

/** Every row a draw of its own. */
function anew({ draw, categories }: Unchanged, rows: number): Source {
  return (chance) => {
    const [before, now] = [0, 1].map(() => Float64Array.from({ length: rows }, () => draw(chance)));
    if (categories !== undefined) {
      const once = new Uint16Array(rows).fill(1);
      return ofCategories(categories, [before, once], [now, once]);
    }
    const bins = numericBins(before.subarray(0, BINNED_ROWS));
    return { reference: profileOfValues('x', bins, before), current: profileOfValues('x', bins, now) };
  };
}

/** About so many rows, drawn from one finite population for both windows. */
function fromPopulation({ draw, categories }: Unchanged, rows: number): Source {
  const chance = random('population');
  const values = Float64Array.from({ length: POPULATION }, () => draw(chance)).sort();
  const first = timesDrawer(Math.min(rows, BINNED_ROWS));
  const others = rows > BINNED_ROWS ? timesDrawer(rows - BINNED_ROWS) : null;
  const all = timesDrawer(rows);
  return (stream) => {
    const [before, now] = [new Uint16Array(POPULATION), new Uint16Array(POPULATION)];
    first(before, stream);
    const bins = categories === undefined ? numericBins(rowsOf(values, before)) : null;
    others?.(before, stream);
    all(now, stream);
    return bins === null
      ? ofCategories(categories ?? [], [values, before], [values, now])
      : { reference: profileOfTimes(bins, values, before), current: profileOfTimes(bins, values, now) };
  };
}

/** Values that stand for categories, and how often each came. */
type Times = readonly [values: Float64Array, times: Uint16Array];

function ofCategories(names: readonly string[], before: Times, now: Times): ReturnType<Source> {
  const counted = [before, now].map(([values, times]) => {
    const counts = names.map((name) => [name, 0] as [string, number]);
    for (let i = 0; i < values.length; i++) {
      counts[values[i]][1] += times[i];
    }
    return counts.filter(([, count]) => count > 0);
  });
  const bins = categoricalBins(counted[0]);
  const [reference, current] = counted.map((counts) => {
    const counter = textCounter('x', bins, false);
    for (const [name, count] of counts) {
      counter.add(name, count);
    }
    return counter.profile();
  });
  return { reference, current };
}

/**
 * How often p is at most 1 % where nothing changed, by column and rows, and what a check says by default.
 */
export function unchanged(checks: number): string {
  const rows = COLUMNS.flatMap((column) => SIZES.map((size) => lineOf(column, size, checks)));
  return table(
    ['column', 'continuous', 'rows each', 'checks', 'cells (PSI)', 'KS', 'Welch', 'missing', 'verdict'],
    rows,
  );
}

function lineOf(column: Unchanged, size: number, checks: number): string[] {
  progress(`${column.name}, ${size} rows`);
  const source = size >= POPULATION_FROM ? fromPopulation(column, size) : anew(column, size);
  const hits = STATISTICS.map(() => 0);
  const defined = STATISTICS.map(() => 0);
  let drifts = 0;
  for (let check = 0; check < checks; check++) {
    const chance = random(`${column.name} ${size} ${check}`);
    const { reference, current } = source(chance);
    const comparison = comparisonOf(reference, current);
    STATISTICS.forEach((id, i) => {
      const statistic = statisticOf(id);
      const applies = statistic.appliesTo.includes(reference.bins.kind);
      const told = id !== 'missing_rate' || reference.nulls + current.nulls > 0;
      const evidence =
        applies && told && statistic.of(comparison).value !== null
          ? statistic.evidence(comparison, { unitAware: false, seed: check })
          : null;
      if (evidence !== null) {
        defined[i]++;
        hits[i] += evidence.p <= LEVEL ? 1 : 0;
      }
    });
    const { status } = featureDrift(reference, current, {
      warn: 0.1,
      fail: 0.25,
      seed: check,
      unitAware: false,
    });
    drifts += status === 'WARN' || status === 'FAIL' ? 1 : 0;
  }
  return [
    column.name,
    column.continuous ? 'yes' : 'no',
    size.toLocaleString('en'),
    checks.toLocaleString('en'),
    ...hits.map((count, i) => (defined[i] === 0 ? '-' : percent(count, defined[i]))),
    percent(drifts, checks),
  ];
}
