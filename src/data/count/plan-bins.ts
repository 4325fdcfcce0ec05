import { categoricalBins, numericBins } from '../../monitor/profile/bins.js';
import { refuseIdentifier } from '../../monitor/profile/identifier.js';
import type { Bins } from '../../monitor/profile/profile.js';
import type { Engine } from '../engine/engine.js';
import { identifier, join, type Sql, sql } from '../engine/sql.js';
import { sideBySide } from '../side-by-side.js';
import type { CountedColumn } from './columns.js';
import type { ValueCounts, ValuesRequest } from './count-values.js';
import { narrowColumns } from './narrow-columns.js';
import { COLUMNS_AT_A_TIME, inParts } from './parts.js';
import { type CountedValues, type Refused, readValues } from './read-values.js';

export interface BinPlan {
  bins: Map<string, Bins>;
  /** Text columns of mostly distinct values (identifiers), with the reason. */
  refused: Refused[];
  /** What had to be counted to plan. */
  values: ValueCounts;
}

/** Rows that numeric edges are taken from, fewer where there are many columns; counts are always of all rows. */
const SAMPLE_ROWS = 50_000;
const SAMPLE_VALUES = 5_000_000;

/**
 * Bins of every column from a reference: categories from all rows, numbers from the quantiles of sample rows (with their range).
 * Of whole numbers near each other, where rows are independent, all rows are the sample.
 */
export async function planBins(
  engine: Engine,
  request: Omit<ValuesRequest, 'by'>,
  seed: number,
): Promise<BinPlan> {
  const { relation, columns, unit, signal } = request;
  const numeric = columns.filter(({ kind }) => kind === 'numeric');
  const narrow = unit === null ? await narrowColumns(engine, relation, columns, signal) : [];
  const texts = columns.filter(({ kind }) => kind === 'categorical');
  const wide = numeric.filter((column) => !narrow.includes(column));
  const [{ values, refused }, bins] = await sideBySide<[CountedValues, Map<string, Bins>]>([
    readValues(engine, { ...request, columns: texts }, narrow),
    sampledBins(engine, relation, wide, sampleSize(numeric.length), seed),
  ]);
  for (const { name } of narrow) {
    bins.set(name, numericBins(sampleOfCounts((values.get(name) ?? []) as [number | null, number][])));
  }
  for (const { name } of texts) {
    const counts = filledCounts(values.get(name) ?? []);
    const reason = refuseIdentifier(counts.length, sumOf(counts));
    if (reason !== null) {
      refused.push({ name, reason });
    } else if (!refused.some((column) => column.name === name)) {
      bins.set(name, categoricalBins(counts));
    }
  }
  return { bins, refused, values };
}

const sumOf = (counts: readonly [unknown, number][]) => counts.reduce((sum, [, rows]) => sum + rows, 0);

function filledCounts(values: readonly [number | string | null, number][]): [string, number][] {
  return values.filter((pair): pair is [string, number] => pair[0] !== null);
}

/** So many values as a sample would have, in proportion to their rows; of each one at least. */
function sampleOfCounts(counts: readonly [number | null, number][]): Float64Array {
  const share = Math.min(1, SAMPLE_ROWS / sumOf(counts));
  const repeats = counts.map(([, rows]) => Math.max(1, Math.round(rows * share)));
  const sample = new Float64Array(repeats.reduce((sum, repeat) => sum + repeat, 0));
  let at = 0;
  counts.forEach(([value], i) => {
    sample.fill(value ?? Number.NaN, at, at + repeats[i]);
    at += repeats[i];
  });
  return sample;
}

/** The more columns, the fewer rows are in the sample. */
function sampleSize(columns: number): number {
  return Math.min(SAMPLE_ROWS, Math.max(2_000, Math.floor(SAMPLE_VALUES / columns)));
}

async function sampledBins(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  size: number,
  seed: number,
): Promise<Map<string, Bins>> {
  const bins = new Map<string, Bins>();
  for (const part of inParts(columns, COLUMNS_AT_A_TIME)) {
    const samples = await sampleNumbers(engine, relation, part, size, seed);
    part.forEach(({ name }, i) => {
      bins.set(name, numericBins(samples[i]));
    });
  }
  return bins;
}

async function sampleNumbers(
  engine: Engine,
  relation: Sql,
  columns: readonly CountedColumn[],
  size: number,
  seed: number,
): Promise<Float64Array[]> {
  const kept = columns.map(() => new Float64Array(size));
  const selected = join(columns.map(({ value }, i) => sql`${value} AS ${identifier(`v${i}`)}`));
  const sampled = await engine.sample(selected, relation, size, seed);
  let rows = 0;
  for await (const chunk of engine.columns(sampled)) {
    kept.forEach((values, i) => {
      values.set(chunk.columns[i] as Float64Array, rows);
    });
    rows += chunk.rows;
  }
  return kept.map((values) => values.subarray(0, rows));
}
