import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { promote } from '../../src/jobs/promote.js';
import { refreshData } from '../../src/jobs/run-steps.js';
import { scoreDay } from '../../src/jobs/score.js';
import { trainVersion } from '../../src/jobs/train.js';
import { encodingOf } from '../../src/model/encode.js';
import type { LiveModel } from '../../src/serve/parts.js';
import { userFeaturesOf } from '../../src/serve/user-features.js';
import { addDays } from '../../src/time.js';
import { cleanUp, newFolder, openIn, QUICK, writeConfig } from './project.js';

const START = '2025-01-01';
const DAYS = 40;
const USERS = 24;

const CONFIG = {
  ...QUICK,
  population: 'all',
  label: { kind: 'inactivity', horizon_days: 5 },
  training: { sampling: 'all', complete_windows: false },
  features: {
    static: [],
    optional: [],
    windows: [7],
    daily: { total_events: { count: 'all' } },
    rolling: { active_days: { sum: 'is_active_day' }, events: { sum: 'total_events' } },
    ratios: {},
  },
  drift: { features: ['active_days_7d'] },
};

/** Null in a CSV file, as are texts without a character. */
const NULLS = ['', 'NULL', 'NaN', 'nan'];

const anyText = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0'));
const anyId = fc.oneof(
  { arbitrary: anyText, weight: 3 },
  { arbitrary: fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String), weight: 2 },
  { arbitrary: fc.stringMatching(/^0{0,2}[1-3]$/), weight: 1 },
  fc.constantFrom(
    '001',
    '1',
    '1.0',
    '9007199254740993',
    '2025-01-01',
    "O'Brien",
    'a,"b"\nc',
    '😀',
    '#1',
    'true',
    ' 1',
  ),
);

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

type Row = Record<string, string>;
const WRITERS: Record<string, (rows: Row[]) => string> = {
  csv: (rows) =>
    [Object.keys(rows[0]).join(','), ...rows.map((row) => Object.values(row).map(quoted).join(','))].join(
      '\n',
    ),
  jsonl: (rows) => rows.map((row) => JSON.stringify(row)).join('\n'),
};

describe('ids', () => {
  after(cleanUp);

  /** Runs everything from the sources to the predictions and the server's users, and returns the ids found at each place. */
  async function through(ids: string[], sources: 'csv' | 'jsonl', format: 'parquet' | 'csv') {
    const folder = await newFolder();
    await mkdir(join(folder, 'in'));
    const users = ids.map((user_id) => ({ user_id, signup_date: START }));
    // Every second user stays away after a while.
    const events = ids.flatMap((user_id, i) =>
      Array.from({ length: i % 2 === 0 ? DAYS : 20 + (i % 5) }, (_, day) => ({
        event_id: `${i}-${day}`,
        user_id,
        event_time: `${addDays(START, day)} 10:00:00`,
        event_type: 'login',
      })),
    );
    await writeFile(join(folder, 'in', `users.${sources}`), WRITERS[sources](users));
    await writeFile(join(folder, 'in', `events.${sources}`), WRITERS[sources](events));
    const files = { users: { files: `in/users.${sources}` }, events: { files: `in/events.${sources}` } };
    await writeConfig(folder, { ...CONFIG, format, sources: files });
    const project = await openIn(folder);
    await refreshData(project, { at: null });
    const { version, features } = await trainVersion(project, { at: null, trainer: 'linear' });
    await promote(project, { version, force: true, at: null });
    const { path } = await scoreDay(project, { date: null, at: null, version });
    const engine = await project.engine();
    const { userDaily, userFeaturesDaily, labelsDaily, trainingDataset } = project.layout;
    const found: Record<string, string[]> = {};
    for (const table of [userDaily, userFeaturesDaily, labelsDaily, trainingDataset, path]) {
      const rows = await engine.rows<{ id: string | number }>(
        sql`SELECT DISTINCT user_id AS id FROM ${readTable(engine, table)} AS rows`,
      );
      found[table.slice(project.root.length)] = rows.map(({ id }) => String(id));
    }
    const served = userFeaturesOf({
      path: userFeaturesDaily,
      withEngine: (work) => work(engine),
      today: () => '2026-01-01',
      most: 1000,
    });
    const model = { encoding: encodingOf(features) } as LiveModel;
    const known = await Promise.all(
      ids.map(async (id) => ((await served.find(id, model)) === null ? [] : [id])),
    );
    return { ...found, served: known.flat() };
  }

  for (const [sources, format] of [
    ['csv', 'parquet'],
    ['jsonl', 'parquet'],
    ['csv', 'csv'],
  ] as const) {
    it(`of any text pass from ${sources} through ${format} tables to predictions and the server`, async () => {
      const id = sources === 'csv' ? anyId.filter((text) => !NULLS.includes(text)) : anyId;
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(id, { minLength: USERS, maxLength: USERS }), async (ids) => {
          for (const [place, found] of Object.entries(await through(ids, sources, format))) {
            assert.deepEqual([...found].sort(), [...ids].sort(), place);
          }
        }),
        { numRuns: 1, endOnFailure: true },
      );
    });
  }

  it('of whole numbers beyond 2^53 stay apart', async () => {
    const ids = Array.from({ length: USERS }, (_, i) => String(2n ** 53n + BigInt(i)));
    for (const found of Object.values(await through(ids, 'csv', 'csv'))) {
      assert.deepEqual([...found].sort(), [...ids].sort());
    }
  });
});
