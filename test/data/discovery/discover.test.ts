import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { discover } from '../../../src/data/discovery/discover.js';
import type { Proposal, Setting } from '../../../src/data/discovery/proposal.js';
import type { Engine } from '../../../src/data/engine/engine.js';
import { ChurnError } from '../../../src/error.js';
import { random } from '../../../src/random.js';
import { dayOfNumber } from '../../../src/time.js';
import { csv, jsonl, type Row, useTestEngine } from '../project.js';

const FIRST = 19_000;
const USERS = 150;

let root: string;
let engine: Engine;
useTestEngine('churn-discover-', (opened, ofTests) => {
  engine = opened;
  root = ofTests;
});

let folders = 0;

async function look(files: Record<string, string | Buffer>): Promise<Proposal> {
  folders++;
  const named = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, `${folders}-${name}`);
    await writeFile(path, content);
    named.push({ path, files: name });
  }
  return discover(engine, named, () => undefined);
}

function settingOf(proposal: Proposal, key: string): Setting {
  const found = proposal.settings.find(({ path }) => path.join('.') === key);
  assert.ok(found, `${key} is not among ${proposal.settings.map(({ path }) => path.join('.')).join(', ')}`);
  return found;
}

const proposed = (proposal: Proposal, key: string) => settingOf(proposal, key).value;
const whyLeftOut = (proposal: Proposal, column: string) =>
  proposal.left_out.find((item) => item.column === column)?.because;

/** 200 days of events; `row` makes one from the user, the day and chance. */
function eventRows(row: (user: number, day: number, chance: number) => Row): Row[] {
  const chance = random(5);
  return Array.from({ length: USERS }, (_, user) => user).flatMap((user) =>
    Array.from({ length: 200 }, (_, day) => day)
      .filter(() => chance.uniform() < 0.2)
      .map((day) => row(user, FIRST + day, chance.uniform())),
  );
}

const isoTime = (day: number) => `${dayOfNumber(day)} 10:30:00`;

describe('columns that are called otherwise', () => {
  it('are found by their names and values, in any format', async () => {
    const rows = eventRows((user, day, chance) => ({
      'Event No': day * 1000 + user,
      CustomerNumber: `c${user}`,
      occurredAt: isoTime(day),
      Action: chance < 0.6 ? 'view' : 'buy',
      'Price paid': chance < 0.6 ? null : Math.round(1000 * chance) / 10,
    }));
    const users = Array.from({ length: USERS }, (_, user) => ({
      CustomerNumber: `c${user}`,
      Registered: dayOfNumber(FIRST - (user % 50)),
      Segment: user % 3 === 0 ? 'home' : 'work',
      Email: `u${user}@example.com`,
      Surname: `Name${user}`,
    }));
    const proposal = await look({
      'log.jsonl.gz': gzipSync(jsonl(rows)),
      'people.csv': csv(users).replaceAll(',', ';'),
    });
    assert.deepEqual(
      proposal.files.map(({ files, role }) => [files, role]),
      [
        ['log.jsonl.gz', 'events'],
        ['people.csv', 'users'],
      ],
    );
    assert.equal(proposed(proposal, 'sources.events.columns.user_id'), 'CustomerNumber');
    assert.equal(proposed(proposal, 'sources.events.columns.event_time'), 'occurredAt');
    assert.equal(proposed(proposal, 'sources.events.columns.event_type'), 'Action');
    assert.equal(proposed(proposal, 'sources.events.columns.event_id'), 'Event No');
    assert.equal(proposed(proposal, 'sources.users.columns.signup_date'), 'Registered');
    assert.deepEqual(proposed(proposal, 'features.daily.buy_count'), { count: 'buy' });
    assert.deepEqual(proposed(proposal, 'features.static'), ['Segment']);
    assert.match(whyLeftOut(proposal, 'Email') ?? '', /personal/);
    assert.match(whyLeftOut(proposal, 'Surname') ?? '', /personal/);
    assert.ok(proposal.settings.every(({ because }) => because.length > 5));
  });
});

describe('times', () => {
  const cases: [name: string, column: string, write: (day: number) => string | number, expected: RegExp][] = [
    [
      'yyyymmdd',
      'date',
      (day) => Number(dayOfNumber(day).replaceAll('-', '')),
      /^strptime\(CAST\(date AS VARCHAR\), '%Y%m%d'\)$/,
    ],
    [
      'seconds since 1970',
      'ts',
      (day) => day * 86_400 + 3600,
      /^make_timestamp\(CAST\(ts \* 1000000 AS BIGINT\)\)$/,
    ],
    ['milliseconds since 1970', 'time_ms', (day) => (day * 86_400 + 3600) * 1000, /time_ms \* 1000 AS/],
  ];
  for (const [name, column, write, expected] of cases) {
    it(`are read as ${name}`, async () => {
      const rows = eventRows((user, day) => ({ user_id: user, [column]: write(day), amount: 1 + (day % 7) }));
      const proposal = await look({ 'events.csv': csv(rows) });
      const { sql } = proposed(proposal, 'sources.events.columns.event_time') as { sql: string };
      assert.match(sql, expected);
      const [{ first }] = await engine.rows<{ first: string }>({
        pieces: [
          {
            kind: 'text',
            text: `SELECT CAST(min(CAST(${sql} AS DATE)) AS VARCHAR) AS first FROM read_csv('${join(root, `${folders}-events.csv`)}')`,
          },
        ],
      });
      assert.equal(first, dayOfNumber(FIRST));
    });
  }

  it('of texts that can be read as day/month and month/day are a guess', async () => {
    const rows = eventRows((user, day) => {
      const date = dayOfNumber(FIRST + ((day - FIRST) % 12));
      return {
        user_id: `u${user}`,
        when: `0${1 + (day % 9)}/0${1 + (day % 7)}/2022`,
        amount: Number(date.slice(8)),
      };
    });
    const proposal = await look({ 'events.jsonl': jsonl(rows) });
    const time = settingOf(proposal, 'sources.events.columns.event_time');
    assert.equal(time.confidence, 'low');
    assert.match(JSON.stringify(time.alternatives), /month\/day\/year/);
    assert.ok(proposal.notes.some((note) => /event_time can be read in several ways/.test(note)));
  });

  it('far from all others are left out', async () => {
    const rows = eventRows((user, day) => ({
      user_id: user,
      event_time: isoTime(day),
      event_type: day % 2 ? 'a' : 'b',
    }));
    const stray = { user_id: 3, event_time: '1970-01-01 00:00:00', event_type: 'a' };
    const proposal = await look({ 'events.csv': csv([stray, ...rows]) });
    assert.match(
      String(proposed(proposal, 'sources.events.where')),
      new RegExp(` >= DATE '${dayOfNumber(FIRST)}'$`),
    );
    assert.ok(proposal.notes.some((note) => /sources\.events\.where leaves days out/.test(note)));
  });

  it('that are missing are told, with what can be done', async () => {
    const table = Array.from({ length: 300 }, (_, i) => ({
      customerID: `c${i}`,
      tenure: i % 72,
      Churn: i % 4 === 0 ? 'Yes' : 'No',
    }));
    await assert.rejects(look({ 'telco.csv': csv(table) }), (error) => {
      assert.ok(error instanceof ChurnError && error.exitCode === 65);
      assert.match(
        error.message,
        /an event log: a column with the time of each event; got no column with times in telco\.csv; .*drift --reference A --current B/,
      );
      return true;
    });
  });
});

describe('without a table of users', () => {
  it('users come from the events, with what is the same in all of their events', async () => {
    const rows = eventRows((user, day, chance) => ({
      Invoice: `${day}-${user}`,
      Quantity: chance < 0.05 ? -1 : 1 + Math.floor(5 * chance),
      Price: 2 + Math.floor(10 * chance),
      InvoiceDate: isoTime(day),
      'Customer ID': chance < 0.1 ? null : user,
      Country: user % 4 === 0 ? 'France' : 'Spain',
    }));
    const proposal = await look({ 'sales.jsonl': jsonl(rows) });
    assert.equal(proposed(proposal, 'sources.users.from'), 'events');
    assert.equal(proposed(proposal, 'sources.users.columns.Country'), 'Country');
    assert.deepEqual(proposed(proposal, 'features.static'), ['Country']);
    assert.deepEqual(proposed(proposal, 'sources.events.columns.event_type'), { sql: "'purchase'" });
    assert.deepEqual(proposed(proposal, 'sources.events.columns.revenue'), { sql: 'Quantity * Price' });
    assert.deepEqual(proposed(proposal, 'features.daily.revenue_sum'), { sum: 'revenue' });
    assert.deepEqual(proposed(proposal, 'features.daily.price_mean'), { mean: 'Price' });
    assert.equal(proposed(proposal, 'sources.events.where'), '"Customer ID" IS NOT NULL');
    assert.ok(
      proposal.notes.some((note) => /"Quantity" is below 0 in \d+ rows: are these refunds/.test(note)),
    );
  });
});

describe('a table of users', () => {
  const events = () =>
    eventRows((user, day) => ({
      school: user % 2 === 0 ? 'A' : 'B',
      student_id: Math.floor(user / 2),
      day: dayOfNumber(day),
      kind: day % 3 === 0 ? 'read' : 'write',
    }));
  const students = (more: (user: number) => Row = () => ({})) =>
    Array.from({ length: USERS }, (_, user) => ({
      school: user % 2 === 0 ? 'A' : 'B',
      student_id: Math.floor(user / 2),
      ...more(user),
    }));

  it('may need two columns to tell its users', async () => {
    const proposal = await look({ 'events.csv': csv(events()), 'students.csv': csv(students()) });
    const key = { sql: "concat_ws('/', school, student_id)" };
    assert.deepEqual(proposed(proposal, 'sources.events.columns.user_id'), key);
    assert.deepEqual(proposed(proposal, 'sources.users.columns.user_id'), key);
    assert.match(
      settingOf(proposal, 'sources.users.files').because,
      /"student_id" alone repeats in 75 rows; with school/,
    );
  });

  it('without a date of sign-up has the first day for all, which the model may not see', async () => {
    const proposal = await look({ 'events.csv': csv(events()), 'students.csv': csv(students()) });
    const signup = settingOf(proposal, 'sources.users.columns.signup_date');
    assert.deepEqual([signup.value, signup.confidence], [{ sql: `DATE '${dayOfNumber(FIRST)}'` }, 'low']);
    assert.deepEqual(proposed(proposal, 'training.exclude'), ['days_since_signup']);
  });

  it('keeps outcomes from the model, by name and by what they tell', async () => {
    const gone = (user: number) => user % 5 === 0;
    const proposal = await look({
      'events.csv': csv(
        events().filter(
          ({ school, student_id, day }) =>
            !gone(2 * Number(student_id) + (school === 'A' ? 0 : 1)) ||
            String(day) < dayOfNumber(FIRST + 100),
        ),
      ),
      'students.csv': csv(
        students((user) => ({
          joined: dayOfNumber(FIRST - 10),
          cancelled_on: gone(user) ? dayOfNumber(FIRST + 100) : null,
          final_result: gone(user) ? 'Withdrawn' : 'Pass',
          badge: gone(user) ? 'grey' : 'gold',
          region: user % 7 < 3 ? 'north' : 'south',
        })),
      ),
    });
    assert.deepEqual(proposed(proposal, 'features.static'), ['school', 'region']);
    assert.match(whyLeftOut(proposal, 'final_result') ?? '', /its name speaks of how it ended/);
    assert.match(
      whyLeftOut(proposal, 'badge') ?? '',
      /tells who is gone at the end of the data \(Cramér's V 1\.00\)/,
    );
    assert.deepEqual(settingOf(proposal, 'label.kind').alternatives[0].value, {
      kind: 'date',
      column: 'cancelled_on',
    });
    assert.equal(proposed(proposal, 'sources.users.columns.signup_date'), 'joined');
  });

  it('is told from lookups and from files with several rows per user', async () => {
    const proposal = await look({
      'events.csv': csv(events()),
      'kinds.csv': 'kind,title\nread,Reading\nwrite,Writing\n',
      'marks.csv': csv(students(() => ({ mark: 1 })).flatMap((row) => [row, row])),
      'students.csv': csv(students()),
    });
    assert.deepEqual(
      proposal.files.map(({ files, role }) => [files, role]),
      [
        ['events.csv', 'events'],
        ['kinds.csv', 'not used'],
        ['marks.csv', 'not used'],
        ['students.csv', 'users'],
      ],
    );
    assert.match(proposal.files[1].because, /no column of users: a lookup\?/);
    assert.match(proposal.files[2].because, /not one row per user/);
  });
});

describe('text files that are written otherwise', () => {
  it('are read by the settings that both sources get', async () => {
    const rows = eventRows((user, day) => ({
      user: 1000 + user,
      date: dayOfNumber(day),
      amount: 1 + (day % 9),
    }));
    const users = Array.from({ length: USERS }, (_, user) => ({
      user: 1000 + user,
      joined: dayOfNumber(FIRST - user),
    }));
    const blanks = (text: string) => text.replaceAll(',', '   ');
    const proposal = await look({ 'log.txt': blanks(csv(rows)), 'users.txt': blanks(csv(users)) });
    assert.deepEqual(proposed(proposal, 'sources.events.csv'), { delimiter: 'whitespace' });
    assert.deepEqual(proposed(proposal, 'sources.users.csv'), { delimiter: 'whitespace' });
    assert.equal(proposed(proposal, 'sources.users.columns.user_id'), 'user');
  });

  it('have no header where the first line is data', async () => {
    const rows = eventRows((user, day) => ({
      who: `u${user}`,
      date: dayOfNumber(day),
      amount: 1 + (day % 9),
    }));
    const proposal = await look({ 'log.csv': csv(rows).replace(/^.*\n/, '') });
    assert.deepEqual(proposed(proposal, 'sources.events.csv'), {
      header: false,
      names: ['column_1', 'column_2', 'column_3'],
    });
    const user = settingOf(proposal, 'sources.events.columns.user_id');
    assert.deepEqual([user.value, user.confidence], ['column_1', 'low']);
    assert.equal(proposed(proposal, 'sources.events.columns.event_time'), 'column_2');
  });
});

describe('files that cannot be used', () => {
  const cases: [name: string, content: string | Buffer, exit: number, message: RegExp][] = [
    ['empty.csv', '', 65, /got an empty file/],
    ['head.csv', 'user_id,event_time\n', 65, /expected rows in .*head\.csv; got none/],
    ['one.csv', 'user\na\nb\n', 65, /at least two columns in .*one\.csv; got one, "user"/],
    ['picture.png', Buffer.from([0x89, 0x50, 0, 1]), 65, /./],
    ['picture.csv', Buffer.from([0x89, 0x50, 0, 1, 2, 3]), 65, /bytes that are no text/],
    ['broken.parquet', 'PAR1 but no more', 65, /./],
    ['broken.csv.gz', Buffer.from('no gzip at all'), 65, /not a GZIP/],
    ['broken.jsonl', '{"user_id": 1, "event_time": \n', 65, /./],
    ['odd.xlsx', 'x', 65, /a file ending in \.parquet, \.csv/],
  ];
  for (const [name, content, exit, message] of cases) {
    it(`${name} is one clear line`, async () => {
      await assert.rejects(look({ [name]: content }), (error) => {
        assert.ok(error instanceof ChurnError, String(error));
        assert.equal(error.exitCode, exit, error.message);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    });
  }
});
