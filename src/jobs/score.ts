import type { ColumnChunk, ColumnSpec, Engine } from '../data/engine/engine.js';
import { identifier, join, type Sql, sql } from '../data/engine/sql.js';
import { heldOut } from '../data/hold-out.js';
import { readTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { featureColumn } from '../model/matrix.js';
import { openScorer, type Scorer } from '../model/score.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';
import { asOfDay } from './as-of.js';
import { type JobRequest, recorded } from './record.js';

export interface ScoreOptions {
  /** Day whose user-days are scored; null: `at`, or the last day of the features. */
  date: Day | null;
  at: Day | null;
  /** Version or alias. */
  version: string;
  parent?: string | null;
}

export interface ScoreResult {
  date: Day;
  version: string;
  path: string;
  rows: number;
  mean_risk: number;
  /** Users of the random hold-out, whom nobody is to treat; null when none is configured. */
  held_out: number | null;
  /** Nulls and unseen categories met, by feature (those with any). */
  nulls: Record<string, number>;
  unseen: Record<string, number>;
}

/** Columns that people read beside the score, in the contract's order, as far as the features have them. */
const CONTEXT = [
  'plan',
  'is_paid',
  'country',
  'marketing_source',
  'days_since_signup',
  'days_since_last_activity',
];
const TOP = 3;

/** Scores every user of a day and writes the contract's predictions file, sorted by risk. */
export async function scoreDay(project: Project, options: ScoreOptions): Promise<ScoreResult> {
  const job: JobRequest = { command: 'score', at: options.date ?? options.at, parent: options.parent };
  return recorded(project, job, async () => {
    const { layout, registry } = project;
    const date = await asOfDay(project, options.date ?? options.at);
    job.at = date;
    const manifest = await registry.find(options.version);
    const scorer = await openScorer(registry, manifest);
    try {
      const engine = await project.engine();
      const there = (
        await engine.describe(sql`SELECT * FROM ${readTable(engine, layout.userFeaturesDaily)}`)
      ).map((column) => column.name);
      requireFeatures(scorer, there);
      const features = readTable(engine, layout.userFeaturesDaily);
      await engine.load('scored', SCORED_COLUMNS, scoredChunks(engine, features, scorer, date));
      const context = CONTEXT.filter((name) => there.includes(name));
      const path = layout.predictions(date);
      const drawn = heldOut(engine, project.config, sql`user_id`, date);
      const rows = await engine.write(
        predictionsQuery(features, date, context, manifest.version, drawn),
        path,
        layout.format,
      );
      const [{ mean_risk }] = await engine.rows<{ mean_risk: number }>(
        sql`SELECT avg(churn_risk) AS mean_risk FROM scored`,
      );
      const held_out = drawn === null ? null : await heldOutIn(engine, path);
      const value = { date, version: manifest.version, path, rows, mean_risk, held_out, ...countsOf(scorer) };
      return {
        value,
        reads: [{ path: layout.userFeaturesDaily }],
        writes: [{ path, rows }],
        result: { ...value },
      };
    } finally {
      await scorer.close();
    }
  });
}

const SCORED_COLUMNS: ColumnSpec[] = [
  { name: 'row_number', type: 'BIGINT' },
  { name: 'churn_risk', type: 'DOUBLE' },
  ...Array.from({ length: TOP }, (_, i): ColumnSpec[] => [
    { name: `top_feature_${i + 1}`, type: 'VARCHAR' },
    { name: `top_contribution_${i + 1}`, type: 'DOUBLE' },
  ]).flat(),
];

/** The user-days of a date with numbers that follow the user ids. */
function numberedRows(features: Sql, date: Day): Sql {
  return sql`SELECT *, row_number() OVER (ORDER BY user_id) AS row_number FROM ${features} WHERE as_of_date = CAST(${date} AS DATE)`;
}

async function* scoredChunks(
  engine: Engine,
  features: Sql,
  scorer: Scorer,
  date: Day,
): AsyncIterable<ColumnChunk> {
  const specs = scorer.encoding.features;
  const query = sql`SELECT ${join(specs.map(featureColumn))}, CAST(row_number AS DOUBLE) AS row_number FROM (${numberedRows(features, date)}) AS numbered`;
  for await (const chunk of engine.columns(query)) {
    const { probabilities, topFeatures } = await scorer.score(
      chunk.columns.slice(0, specs.length),
      chunk.rows,
    );
    const tops = Array.from({ length: chunk.rows }, (_, row) => topFeatures(row, TOP));
    yield {
      rows: chunk.rows,
      columns: [
        chunk.columns[specs.length],
        Float64Array.from(probabilities),
        ...Array.from({ length: TOP }, (_, i) => [
          tops.map((top) => top[i]?.feature ?? null),
          Float64Array.from(tops, (top) => top[i]?.contribution ?? Number.NaN),
        ]).flat(),
      ],
    };
  }
}

function predictionsQuery(
  features: Sql,
  date: Day,
  context: string[],
  version: string,
  drawn: Sql | null,
): Sql {
  const shown = ['user_id', 'as_of_date', ...context].map(identifier);
  const tops = SCORED_COLUMNS.slice(2).map((column) => identifier(column.name));
  return sql`SELECT ${join(shown)}, churn_risk, row_number() OVER (ORDER BY churn_risk DESC, user_id) AS risk_rank,
      CAST(${version} AS STRING) AS model_version, ${join(tops)}${drawn === null ? sql`` : sql`, ${drawn} AS hold_out`}
    FROM (${numberedRows(features, date)}) AS numbered JOIN scored USING (row_number) ORDER BY risk_rank`;
}

async function heldOutIn(engine: Engine, predictions: string): Promise<number> {
  const [{ users }] = await engine.rows<{ users: number }>(
    sql`SELECT count(*) AS users FROM ${readTable(engine, predictions)} WHERE hold_out = 1`,
  );
  return users;
}

function requireFeatures(scorer: Scorer, there: readonly string[]): void {
  const missing = scorer.encoding.features
    .map((feature) => feature.name)
    .filter((name) => !there.includes(name));
  if (missing.length > 0) {
    throw new ChurnError('model.mismatch', {
      expected: `the features of ${scorer.manifest.version}`,
      came: `user_features_daily without ${missing.join(', ')}`,
      fix: 'configure these features again, or train a version without them',
    });
  }
}

function countsOf({ encoding, counts }: Scorer): Pick<ScoreResult, 'nulls' | 'unseen'> {
  const named = (numbers: Int32Array) =>
    Object.fromEntries(
      encoding.features
        .map((feature, i) => [feature.name, numbers[i]] as const)
        .filter(([, count]) => count > 0),
    );
  return { nulls: named(counts.nulls), unseen: named(counts.unseen) };
}
