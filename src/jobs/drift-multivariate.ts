import { countedColumns } from '../data/count/columns.js';
import type { Engine } from '../data/engine/engine.js';
import { identifier, join, sql } from '../data/engine/sql.js';
import { type DomainDrift, domainDrift } from '../model/domain.js';
import { encodeInto, encodingOf, type FeatureSpec } from '../model/encode.js';
import type { LabelledMatrix } from '../model/matrix.js';
import type { TableProfile } from '../monitor/profile/profile.js';
import type { Project } from '../open.js';
import type { Rows } from './drift-windows.js';

/** Rows of each window that the classifier learns from and is judged on. */
const MOST_ROWS = 10_000;
/** Categories that get a column of their own. */
const MOST_CATEGORIES = 50;

/** Whether a model can tell the current rows from those of the reference, by the configured trainer. */
export async function multivariateDrift(
  project: Project,
  profile: TableProfile,
  rows: { reference: Rows; current: Rows },
): Promise<DomainDrift> {
  const { config, signal } = project;
  const engine = await project.engine();
  const trainer = await project.trainer(config.training.trainer);
  const features = profile.columns.map(
    ({ name, bins }): FeatureSpec =>
      bins.kind === 'numeric'
        ? { name, type: 'number' }
        : { name, type: 'category', categories: bins.categories.slice(0, MOST_CATEGORIES) },
  );
  const matrix = await sampledMatrix(engine, features, rows, config.training.seed);
  return domainDrift(matrix, {
    trainer,
    parameters: config.training[trainer.id],
    seed: config.training.seed,
    threads: config.engine.threads,
    draws: config.evaluation.draws,
    signal,
  });
}

async function sampledMatrix(
  engine: Engine,
  features: readonly FeatureSpec[],
  { reference, current }: { reference: Rows; current: Rows },
  seed: number,
): Promise<LabelledMatrix> {
  const encoding = encodingOf(features);
  const width = encoding.columns.length;
  const values = new Float32Array(2 * MOST_ROWS * width);
  const [labels, units] = [new Uint8Array(2 * MOST_ROWS), new Int32Array(2 * MOST_ROWS)];
  const numbers = new Map<string, number>();
  let filled = 0;
  for (const [label, { relation, unit, where }] of [reference, current].entries()) {
    const columns = await countedColumns(
      engine,
      relation,
      features.map(({ name }) => name),
      where,
    );
    const named = columns.map(({ kind, value }, i) => {
      const finite = sql`CASE WHEN abs(${value}) < CAST('Infinity' AS DOUBLE) THEN ${value} END`;
      return sql`${kind === 'numeric' ? finite : value} AS ${identifier(`f${i}`)}`;
    });
    const who =
      unit === null ? sql`CAST(row_number() OVER () AS STRING)` : sql`CAST(${identifier(unit)} AS STRING)`;
    const selected = join([sql`${who} AS who`, ...named]);
    for await (const chunk of engine.columns(await engine.sample(selected, relation, MOST_ROWS, seed))) {
      encodeInto(encoding, chunk.columns.slice(1), chunk.rows, values, filled);
      (chunk.columns[0] as (string | null)[]).forEach((id, i) => {
        const key = unit === null ? `${label}/${id}` : String(id);
        numbers.set(key, numbers.get(key) ?? numbers.size);
        units[filled + i] = numbers.get(key) as number;
      });
      labels.fill(label, filled, filled + chunk.rows);
      filled += chunk.rows;
    }
  }
  return {
    encoding,
    rows: filled,
    values: values.subarray(0, filled * width),
    labels: labels.subarray(0, filled),
    units: units.subarray(0, filled),
    days: new Int32Array(filled),
  };
}
