import { stat } from 'node:fs/promises';
import type { Engine, LendEngine } from '../data/engine/engine.js';
import { join, type Sql, sql } from '../data/engine/sql.js';
import { readTable, requireTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import { type Encoding, encodeInto } from '../model/encode.js';
import { featureColumn } from '../model/matrix.js';
import type { Day } from '../time.js';
import type { LiveModel } from './parts.js';

/** The newest features of every user, in memory. */
export interface UserFeatures {
  /**
   * The encoded row of a user on the newest complete day, a copy; null for a user who is not there. The first call, and
   * the first with other features, waits for the table to be read; a newer table is read beside the old one.
   * @throws input.missing without a table, model.mismatch when it lacks features, data.invalid for too many users
   */
  find(id: string, model: LiveModel): Promise<{ values: Float32Array; day: Day } | null>;
}

export interface UserFeaturesOptions {
  path: string;
  withEngine: LendEngine;
  /** Day of the last row to look at when the newest day is not over yet: today is left out. */
  today(): Day;
  /** Users beyond this are refused as a whole: memory is 4 bytes per column and about 100 bytes for each. */
  most: number;
}

/** One day's rows, encoded. */
interface Held {
  stamp: string;
  features: Encoding['features'];
  day: Day;
  rowOf: Map<string, number>;
  values: Float32Array;
  width: number;
}

/** The file is looked at once in this time. */
const LOOK_MILLISECONDS = 1000;

export function userFeaturesOf(options: UserFeaturesOptions): UserFeatures {
  let held: Held | null = null;
  let reading: Promise<Held> | null = null;
  let looked = Number.NEGATIVE_INFINITY;

  async function read(model: LiveModel): Promise<Held> {
    reading ??= readNewestDay(options, model.encoding).finally(() => {
      reading = null;
    });
    held = await reading;
    return held;
  }

  async function current(model: LiveModel): Promise<Held> {
    if (held === null || !sameFeatures(held.features, model.encoding.features)) {
      return read(model).then((fresh) =>
        sameFeatures(fresh.features, model.encoding.features) ? fresh : read(model),
      );
    }
    const now = performance.now();
    if (now - looked > LOOK_MILLISECONDS) {
      looked = now;
      if ((await stampOf(options.path)) !== held.stamp) {
        // Until the new table is there the old one answers; when it cannot be read, the next look tries again.
        void read(model).catch(() => undefined);
      }
    }
    return held;
  }

  return {
    find: async (id, model) => {
      const { rowOf, values, width, day } = await current(model);
      const row = rowOf.get(id);
      return row === undefined ? null : { values: values.slice(row * width, (row + 1) * width), day };
    },
  };
}

function sameFeatures(a: Encoding['features'], b: Encoding['features']): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

async function stampOf(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  return found === null ? null : `${found.mtimeMs} ${found.size} ${found.ino}`;
}

async function readNewestDay(options: UserFeaturesOptions, encoding: Encoding): Promise<Held> {
  await requireTable(options.path, 'run');
  const stamp = (await stampOf(options.path)) ?? '';
  const read = await options.withEngine((engine) => readRows(engine, options, encoding));
  return { stamp, ...read };
}

async function readRows(
  engine: Engine,
  options: UserFeaturesOptions,
  encoding: Encoding,
): Promise<Omit<Held, 'stamp'>> {
  const { path } = options;
  const features = readTable(engine, path);
  await requireColumns(engine, features, encoding);
  const day = await newestDay(engine, features, options.today());
  const rows = sql`FROM ${features} AS features WHERE as_of_date = CAST(${day} AS DATE)`;
  const [{ users }] = await engine.rows<{ users: number }>(sql`SELECT count(*) AS users ${rows}`);
  if (users > options.most) {
    throw new ChurnError('data.invalid', {
      expected: `at most ${options.most} users to hold in memory`,
      came: `${users} on ${day}`,
      fix: 'raise serve.users.most if memory allows',
    });
  }
  const width = encoding.columns.length;
  const held: Omit<Held, 'stamp'> = {
    features: encoding.features,
    day,
    rowOf: new Map(),
    values: new Float32Array(users * width),
    width,
  };
  let row = 0;
  const query = sql`SELECT ${join(encoding.features.map(featureColumn))}, CAST(user_id AS VARCHAR) AS user_id ${rows}`;
  for await (const chunk of engine.columns(query)) {
    encodeInto(encoding, chunk.columns.slice(0, encoding.features.length), chunk.rows, held.values, row);
    const ids = chunk.columns[encoding.features.length] as string[];
    for (const id of ids) {
      held.rowOf.set(id, row++);
    }
  }
  return held;
}

/** The last day with rows, or the one before it when that is today: today is not over yet. */
async function newestDay(engine: Engine, features: Sql, today: Day): Promise<Day> {
  const [{ day }] = await engine.rows<{ day: Day | null }>(
    sql`SELECT coalesce(max(as_of_date) FILTER (WHERE as_of_date < CAST(${today} AS DATE)), max(as_of_date)) AS day FROM ${features} AS features`,
  );
  if (day === null) {
    throw new ChurnError('data.empty', { expected: 'rows in user_features_daily', came: 'none' });
  }
  return day;
}

async function requireColumns(engine: Engine, features: Sql, encoding: Encoding): Promise<void> {
  const there = (await engine.describe(sql`SELECT * FROM ${features}`)).map((column) => column.name);
  const missing = encoding.features.map(({ name }) => name).filter((name) => !there.includes(name));
  if (missing.length > 0) {
    throw new ChurnError('model.mismatch', {
      expected: 'user_features_daily with every feature of the model',
      came: `a table without ${missing.join(', ')}`,
      fix: 'build the features again with the configuration that the model was trained with',
    });
  }
}
