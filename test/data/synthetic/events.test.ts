import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { COURSES, EVENT_TYPES } from '../../../src/data/synthetic/event-types.js';
import { CHUNK_ROWS, EVENT_COLUMNS, generateEvents } from '../../../src/data/synthetic/events.js';
import { COUNTRIES, MARKETING_SOURCES, PLANS } from '../../../src/data/synthetic/population.js';
import { PRESETS, type SyntheticSettings } from '../../../src/data/synthetic/settings.js';
import { generateUsers, USER_COLUMNS } from '../../../src/data/synthetic/users.js';
import { ChurnError } from '../../../src/error.js';
import { addDays, dayNumber } from '../../../src/time.js';
import { BASE } from './user-days.js';

const SMALL: SyntheticSettings = { ...BASE, users: 300, days: 70 };

/** All events in columns, whatever the chunks were. */
function columnsOf(settings: SyntheticSettings, chunkRows?: number): number[][] {
  const columns: number[][] = EVENT_COLUMNS.map(() => []);
  for (const chunk of generateEvents(settings, generateUsers(settings), chunkRows)) {
    assert.ok(chunk.rows > 0 && chunk.rows <= (chunkRows ?? CHUNK_ROWS));
    chunk.columns.forEach((column, i) => {
      assert.equal(column.length, chunk.rows);
      for (const value of column as Float64Array) {
        columns[i].push(value);
      }
    });
  }
  return columns;
}

function digest(settings: SyntheticSettings, chunkRows?: number): string {
  const hash = createHash('sha256').update(JSON.stringify(generateUsers(settings).chunk.columns));
  for (const column of columnsOf(settings, chunkRows)) {
    hash.update(new Uint8Array(Float64Array.from(column).buffer));
  }
  return hash.digest('hex');
}

for (const preset of PRESETS) {
  describe(`preset ${preset}`, () => {
    const settings: SyntheticSettings = {
      ...SMALL,
      preset,
      drift: [{ kind: 'category', date: addDays(SMALL.start, 30) }],
    };

    test('the same seed gives the same rows, in chunks of any size; another seed gives others', () => {
      const whole = digest(settings);
      assert.equal(digest(settings), whole);
      assert.equal(digest(settings, 100), whole);
      assert.equal(digest(settings, 2048), whole);
      assert.notEqual(digest({ ...settings, seed: 43 }), whole);
    });

    test('events keep the contract', () => {
      const [ids, users, times, types, courses, minutes, scores, amounts] = columnsOf(settings);
      const { chunk } = generateUsers(settings);
      const signup = chunk.columns[1] as Int32Array;
      const first = dayNumber(settings.start);
      let lastDay = first;
      for (let i = 0; i < ids.length; i++) {
        assert.equal(ids[i], i + 1);
        assert.ok(users[i] >= 1 && users[i] <= chunk.rows);
        const day = Math.floor(times[i] / 86_400_000_000);
        assert.ok(day >= lastDay && day < first + settings.days, 'in order of days, within them');
        assert.ok(day > lastDay || i === 0 || users[i] >= users[i - 1], 'by user within a day');
        lastDay = day;
        assert.ok(day >= signup[users[i] - 1], 'not before sign-up');
        const type = EVENT_TYPES[types[i]];
        assert.ok(type === 'video_watch' ? minutes[i] > 0 : minutes[i] === 0);
        assert.ok(type === 'quiz_attempt' ? scores[i] >= 0 && scores[i] <= 100 : Number.isNaN(scores[i]));
        assert.ok(type.startsWith('payment') ? amounts[i] > 0 : Number.isNaN(amounts[i]));
        const inCourse = ['course_enroll', 'video_watch', 'quiz_attempt'].includes(type);
        assert.ok(inCourse ? COURSES[courses[i]] !== undefined : courses[i] === -1);
      }
      for (let type = 0; type < EVENT_TYPES.length; type++) {
        assert.ok(types.includes(type), `there is a ${EVENT_TYPES[type]}`);
      }
    });

    test('users keep the contract', () => {
      const { specs, chunk } = generateUsers(settings);
      assert.equal(specs, USER_COLUMNS);
      const [ids, signup, plans, paid, countries, sources, scores] = chunk.columns;
      for (let i = 0; i < chunk.rows; i++) {
        assert.equal(ids[i], i + 1);
        assert.ok((signup[i] as number) < dayNumber(settings.start) + settings.days);
        assert.ok((PLANS as readonly unknown[]).includes(plans[i]));
        assert.equal(paid[i], plans[i] === 'free' ? 0 : 1);
        assert.ok((COUNTRIES as readonly unknown[]).includes(countries[i]));
        assert.ok((MARKETING_SOURCES as readonly unknown[]).includes(sources[i]));
        assert.ok((scores[i] as number) >= 0 && (scores[i] as number) <= 1);
      }
    });
  });
}

test('a longer run continues a shorter one', () => {
  const short = columnsOf(SMALL);
  const long = columnsOf({ ...SMALL, days: 100 });
  assert.ok(long[0].length > short[0].length);
  short.forEach((column, i) => {
    assert.deepEqual(column, long[i].slice(0, column.length));
  });
  const users = generateUsers(SMALL).chunk;
  const more = generateUsers({ ...SMALL, days: 100 }).chunk;
  users.columns.forEach((column, i) => {
    assert.deepEqual(column, more.columns[i].slice(0, users.rows));
  });
});

test('a feed that loses events leaves the others as they were', () => {
  const rows = (settings: SyntheticSettings) => {
    const columns = columnsOf(settings);
    return new Map(columns[0].map((id, i) => [id, columns.map((column) => column[i])]));
  };
  const whole = rows(SMALL);
  const kept = rows({ ...SMALL, drift: [{ kind: 'feed', date: addDays(SMALL.start, 40) }] });
  assert.ok(kept.size < whole.size);
  for (const [id, row] of kept) {
    assert.deepEqual(row, whole.get(id));
  }
});

test('wrong settings are named', () => {
  const wrong: Partial<SyntheticSettings>[] = [
    { users: 0 },
    { days: 1.5 },
    { start: '2025-02-30' },
    { preset: 'other' as 'default' },
    { drift: [{ kind: 'quake' as 'shift', date: '2025-02-01' }] },
    { drift: [{ kind: 'shift', date: 'soon' }] },
    { drift: [{ kind: 'shift', date: '2025-02-01', strength: 0 }] },
  ];
  for (const change of wrong) {
    assert.throws(
      () => generateUsers({ ...SMALL, ...change }),
      (error) => error instanceof ChurnError && error.code === 'usage.invalid',
    );
  }
});

test('throughput (printed, not asserted) and memory that does not grow with the days', (t) => {
  const settings = { ...BASE, users: 5000 };
  const users = generateUsers(settings);
  const started = process.hrtime.bigint();
  let events = 0;
  let largest = 0;
  for (const chunk of generateEvents(settings, users)) {
    events += chunk.rows;
    largest = Math.max(
      largest,
      (chunk.columns as Float64Array[]).reduce((bytes, column) => bytes + column.buffer.byteLength, 0),
    );
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const rate = events / seconds;
  t.diagnostic(`${events} events in ${seconds.toFixed(2)} s: ${(rate / 1e6).toFixed(1)} million a second`);
  t.diagnostic(`50 million would take ${(50e6 / rate).toFixed(0)} s`);
  assert.ok(largest <= CHUNK_ROWS * 52, `${largest} bytes in a chunk`);
});
