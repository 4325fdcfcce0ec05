import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Engine } from '../../../src/data/engine/engine.js';
import { join as joinSql, sql } from '../../../src/data/engine/sql.js';
import { type DayReading, zonedTime } from '../../../src/data/source/days.js';
import type { ChurnError } from '../../../src/error.js';
import { dayIn, zoneOffsets } from '../../../src/time.js';
import { csv, type Row, testProject, useTestEngine } from '../project.js';

let engine: Engine;
useTestEngine('churn-days-', (opened) => {
  engine = opened;
});

/** With half hours, changes of half an hour, two changes within a month, and a day that was left out. */
const ZONES = [
  ...['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/St_Johns'],
  ...['Africa/Casablanca', 'Africa/Cairo', 'Pacific/Apia', 'America/Sao_Paulo', 'Pacific/Kiritimati', 'UTC'],
];

const MOMENTS = {
  min: Date.parse('1970-01-02T00:00:00Z') / 1000,
  max: Date.parse('2024-12-31T00:00:00Z') / 1000,
};

describe('days in a time zone', () => {
  for (const zone of ZONES) {
    it(`${zone}: the clocks are those of the ICU in DuckDB, also within a second of each change`, async () => {
      const changes = zoneOffsets(zone).flatMap(({ from }) => [from / 1000 - 1, from / 1000]);
      const around = changes.filter((second) => second > MOMENTS.min && second < MOMENTS.max);
      const drawn = fc.sample(fc.integer(MOMENTS), { numRuns: 2000, seed: 5 });
      const seconds = [...around, ...drawn];
      await engine.load(
        'moments',
        [{ name: 't', type: 'TIMESTAMP' }],
        [{ rows: seconds.length, columns: [Float64Array.from(seconds, (second) => second * 1e6)] }],
      );
      const ours = zonedTime(engine, sql`t`, 'TIMESTAMP', { zone, times: 'utc' });
      const rows = await engine.rows<{ t: string; ours: string; theirs: string }>(
        sql`SELECT t, ${ours} AS ours, timezone(${zone}, timezone('UTC', t)) AS theirs FROM moments`,
      );
      assert.equal(rows.length, seconds.length);
      assert.deepEqual(
        rows.filter((row) => row.ours !== row.theirs),
        [],
      );
      for (const row of rows.slice(0, 200)) {
        assert.equal(dayIn(zone, new Date(row.t)), row.theirs.slice(0, 10));
      }
    });
  }

  const dayOf = async (text: string, type: string, reading: DayReading, lenient = false) => {
    const value = sql`CAST(${text} AS ${joinSql([sqlType(type)])})`;
    const [{ day }] = await engine.rows<{ day: string | null }>(
      sql`SELECT CAST(${zonedTime(engine, sql`value`, type, reading, lenient)} AS DATE) AS day FROM (SELECT ${value} AS value) AS one`,
    );
    return day;
  };
  const sqlType = (type: string) =>
    type === 'VARCHAR'
      ? sql`VARCHAR`
      : type === 'DATE'
        ? sql`DATE`
        : type === 'TIMESTAMP'
          ? sql`TIMESTAMP`
          : sql`TIMESTAMPTZ`;
  const berlin = { zone: 'Europe/Berlin', times: 'utc' } as const;
  const local = { zone: 'Europe/Berlin', times: 'local' } as const;

  for (const [what, text, type, reading, expected] of [
    ['23:30 before the spring change', '2025-03-29T22:30:00Z', 'VARCHAR', berlin, '2025-03-29'],
    ['00:30 before the spring change', '2025-03-29T23:30:00Z', 'VARCHAR', berlin, '2025-03-30'],
    ['23:30 after the spring change', '2025-03-30T21:30:00Z', 'VARCHAR', berlin, '2025-03-30'],
    ['00:30 after the spring change', '2025-03-30T22:30:00Z', 'VARCHAR', berlin, '2025-03-31'],
    ['23:30 before the autumn change', '2025-10-25T21:30:00Z', 'VARCHAR', berlin, '2025-10-25'],
    ['00:30 before the autumn change', '2025-10-25T22:30:00Z', 'VARCHAR', berlin, '2025-10-26'],
    ['23:30 after the autumn change', '2025-10-26T22:30:00Z', 'VARCHAR', berlin, '2025-10-26'],
    ['00:30 after the autumn change', '2025-10-26T23:30:00Z', 'VARCHAR', berlin, '2025-10-27'],
    ['a TIMESTAMP is UTC', '2025-03-30 22:30:00', 'TIMESTAMP', berlin, '2025-03-31'],
    ['a TIMESTAMP is local', '2025-03-30 22:30:00', 'TIMESTAMP', local, '2025-03-30'],
    ['a time with a zone moves', '2025-03-30 22:30:00+00', 'TIMESTAMP WITH TIME ZONE', local, '2025-03-31'],
    ['a text without an offset is local', '2025-03-30 22:30:00', 'VARCHAR', local, '2025-03-30'],
    ['a text with an offset moves', '2025-03-30T18:30:00-04:00', 'VARCHAR', local, '2025-03-31'],
    ['a day stays', '2025-03-30', 'DATE', { zone: 'America/New_York', times: 'utc' }, '2025-03-30'],
    [
      'a day in a text stays',
      '2025-03-30',
      'VARCHAR',
      { zone: 'America/New_York', times: 'utc' },
      '2025-03-30',
    ],
  ] as const) {
    it(what, async () => assert.equal(await dayOf(text, type, reading), expected));
  }

  it('what is no time is an error, or null when lenient', async () => {
    for (const reading of [berlin, local]) {
      assert.equal(await dayOf('soon', 'VARCHAR', reading, true), null);
      await assert.rejects(
        dayOf('soon', 'VARCHAR', reading),
        (error: ChurnError) => error.code === 'data.column_type',
      );
    }
  });
});

describe('a pipeline in a time zone', () => {
  const users = csv([{ user_id: 'a', signup_date: '2025-03-01' }]);
  const at = (times: string[]): string =>
    csv(times.map((event_time, i): Row => ({ event_id: i, user_id: 'a', event_time, event_type: 'login' })));
  const settings = (more: Record<string, unknown>) => ({
    ...more,
    features: { static: [], optional: [], daily: { n: { count: 'all' } }, rolling: {}, ratios: {} },
    population: 'all',
    sources: {
      users: { files: 'users.csv' },
      events: { files: 'events.csv', ...(more.times === undefined ? {} : { times: more.times }) },
    },
  });

  async function activeDays(times: string[], zone: string, reading?: 'utc' | 'local'): Promise<string[]> {
    const { times: _, ...config } = settings({ time_zone: zone, times: reading }) as Record<string, unknown>;
    const project = await testProject(config, { 'users.csv': users, 'events.csv': at(times) });
    try {
      await project.run('prepare');
      const rows = await project.table(project.layout.userDaily);
      return rows.filter((row) => row.is_active_day === 1).map((row) => String(row.as_of_date));
    } finally {
      await project.close();
    }
  }

  it('counts events on the day that its clocks show', async () => {
    const utc = ['2025-03-29 22:30:00', '2025-03-30 21:30:00', '2025-03-30 22:30:00', '2025-04-02 12:00:00'];
    assert.deepEqual(await activeDays(utc, 'Europe/Berlin'), [
      '2025-03-29',
      '2025-03-30',
      '2025-03-31',
      '2025-04-02',
    ]);
    assert.deepEqual(await activeDays(utc, 'UTC'), ['2025-03-29', '2025-03-30', '2025-04-02']);
    assert.deepEqual(await activeDays(utc, 'Asia/Tokyo'), ['2025-03-30', '2025-03-31', '2025-04-02']);
    assert.deepEqual(await activeDays(utc, 'Asia/Tokyo', 'local'), [
      '2025-03-29',
      '2025-03-30',
      '2025-04-02',
    ]);
  });

  it('also where only some times have an offset', async () => {
    const mixed = ['2025-03-29 22:30:00', '2025-03-30T22:30:00Z', '2025-04-02T23:30:00-05:00'];
    assert.deepEqual(await activeDays(mixed, 'Europe/Berlin', 'local'), [
      '2025-03-29',
      '2025-03-31',
      '2025-04-03',
    ]);
    const reversed = ['2025-03-30T22:30:00Z', '2025-03-30T22:30:00Z', '2025-04-02 23:30:00'];
    assert.deepEqual(await activeDays(reversed, 'Europe/Berlin', 'local'), ['2025-03-31', '2025-04-02']);
  });
});
