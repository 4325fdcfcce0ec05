import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { configSchema } from '../../../src/config/schema.js';
import type { Engine } from '../../../src/data/engine/engine.js';
import { raw, sql } from '../../../src/data/engine/sql.js';
import { openMapped } from '../../../src/data/sources.js';
import type { ChurnError } from '../../../src/error.js';
import { openTestEngine, SHARED, testProject, WITHOUT_SHARED } from '../project.js';

let folder: string;
let engine: Engine;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-text-'));
  engine = await openTestEngine(folder);
});
after(async () => {
  await engine.close();
  assert.deepEqual(await readdir(join(folder, '.spill')), [], 'closing removes what was kept');
  await rm(folder, { recursive: true });
});

let files = 0;

/** The rows and types of a source whose file holds these bytes; `ending` is that of its name. */
async function read(bytes: string | Uint8Array, settings: Record<string, unknown> = {}, ending = 'csv') {
  const name = `${files++}.${ending}`;
  await writeFile(join(folder, name), bytes);
  return opened({ files: name, ...settings });
}

async function opened(settings: Record<string, unknown>) {
  const source = configSchema.parse({ sources: { users: settings } }).sources.users;
  const table = { source, what: 'users', key: 'sources.users', needed: [], fix: 'set the path' };
  const { relation, columns } = await openMapped(engine, folder, table);
  const rows = await engine.rows<Record<string, unknown>>(sql`SELECT * FROM ${relation} AS source`);
  return { rows, types: Object.fromEntries(columns.map(({ name, type }) => [name, type])) };
}

const coded = (code: string, pattern: RegExp) => (error: ChurnError) => {
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  assert.ok(!error.message.includes('\n'), 'one line');
  return true;
};

/** More rows than types are guessed from, then one more. */
const late = (usual: string, last: string) => `user_id,x\n${`1,${usual}\n`.repeat(21_000)}2,${last}\n`;
const lastOf = { where: 'user_id = 2' };

describe('CSV files', () => {
  it('with quoted delimiters, quotes and line breaks, emoji, a byte order mark and CRLF', async () => {
    const { rows } = await read('\ufeffuser_id,"na,me"\r\n1,"Mü ""x"", 😀\r\nsecond"\r\n2,"O\'Brien"\r\n');
    assert.deepEqual(rows, [
      { user_id: 1, 'na,me': 'Mü "x", 😀\r\nsecond' },
      { user_id: 2, 'na,me': "O'Brien" },
    ]);
  });

  for (const [delimiter, text] of [
    ['auto', 'user_id;x\n1;a,b\n'],
    ['auto', 'user_id\tx\n1\ta,b\n'],
    ['auto', 'user_id|x\n1|a,b\n'],
    ['||', 'user_id||x\n1||a,b\n'],
    [' ', 'user_id x\n1 a,b\n'],
    ['whitespace', '  user_id   x \r\n\t1 \t a,b\r\n'],
  ]) {
    it(`with the delimiter ${delimiter} in ${JSON.stringify(text)}`, async () => {
      assert.deepEqual((await read(text, { csv: { delimiter } })).rows, [{ user_id: 1, x: 'a,b' }]);
    });
  }

  it('with another quote, or none', async () => {
    assert.deepEqual((await read("user_id,x\n1,'a,''b'\n", { csv: { quote: "'" } })).rows, [
      { user_id: 1, x: "a,'b" },
    ]);
    assert.deepEqual((await read('user_id,x\n1,"a\n', { csv: { quote: '' } })).rows, [
      { user_id: 1, x: '"a' },
    ]);
  });

  it('without a header, with names for all columns or the first ones', async () => {
    const text = '7,1.5,a\n8,2.5,b\n';
    const named = await read(text, { csv: { header: false, names: ['user_id', 'x', 'y'] } });
    assert.deepEqual(named.rows, [
      { user_id: 7, x: 1.5, y: 'a' },
      { user_id: 8, x: 2.5, y: 'b' },
    ]);
    const first = await read(text, { csv: { header: false, names: ['user_id'] } });
    assert.deepEqual(Object.values(first.rows[1]), [8, 2.5, 'b']);
    assert.equal(Object.keys(first.rows[0])[0], 'user_id');
    const renamed = await read('a,b\n1,2\n', { csv: { names: ['user_id'] } });
    assert.deepEqual(renamed.rows, [{ user_id: 1, b: 2 }]);
    await assert.rejects(
      read(text, { csv: { header: false, names: ['a', 'b', 'c', 'd'] } }),
      coded('config.invalid', /at most 3 names in sources\.users\.csv\.names.*got 4/),
    );
  });

  for (const [encoding, bytes] of [
    ['latin1', Buffer.from('user_id,x\n1,Müller é\n', 'latin1')],
    ['utf-16le', Buffer.from('\ufeffuser_id,x\n1,Müller é\n', 'utf16le')],
    ['utf-16be', Buffer.from('\ufeffuser_id,x\n1,Müller é\n', 'utf16le').swap16()],
  ] as const) {
    it(`in ${encoding}, also packed`, async () => {
      const expected = [{ user_id: 1, x: 'Müller é' }];
      assert.deepEqual((await read(bytes, { csv: { encoding } })).rows, expected);
      assert.deepEqual((await read(gzipSync(bytes), { csv: { encoding } }, 'csv.gz')).rows, expected);
    });
  }

  it('in an encoding with several bytes a character, cut anywhere', async () => {
    const text = `user_id,x\n${Array.from({ length: 20_000 }, (_, i) => `${i},😀${'é'.repeat(i % 7)}`).join('\n')}\n`;
    const { rows } = await read(Buffer.from(text, 'utf16le'), { csv: { encoding: 'utf-16le' } });
    assert.equal(rows.length, 20_000);
    assert.ok(rows.every((row, i) => row.user_id === i && row.x === `😀${'é'.repeat(i % 7)}`));
  });

  it('packed with gzip and zstd', async () => {
    const query = sql`SELECT value AS user_id, 'é😀' AS x FROM ${engine.dialect.series(raw('1'), raw('3'))} AS numbers`;
    const zst = `'${join(folder, 'packed.csv.zst')}'`;
    await engine.run(sql`COPY (${query}) TO ${raw(zst)} (FORMAT csv, HEADER true, COMPRESSION zstd)`);
    const expected = [1, 2, 3].map((user_id) => ({ user_id, x: 'é😀' }));
    assert.deepEqual((await opened({ files: 'packed.csv.zst' })).rows, expected);
    const text = 'user_id,x\n1,é😀\n2,é😀\n3,é😀\n';
    assert.deepEqual((await read(gzipSync(text), {}, 'csv.gz')).rows, expected);
    await assert.rejects(
      opened({ files: 'packed.csv.zst', csv: { encoding: 'latin1' } }),
      coded('config.invalid', /\.zst file in utf-8.*unpack it/),
    );
  });

  it('that are broken: one line that says where', async () => {
    await assert.rejects(
      read(Buffer.from('user_id,x\n1,M\xfcller\n', 'latin1')),
      coded('input.unreadable', /text in utf-8.*Line: 2.*set csv\.encoding/),
    );
    await assert.rejects(
      read(Buffer.from('user_id,x\n1,M\xfcller\n', 'latin1'), { csv: { delimiter: 'whitespace' } }),
      coded('input.unreadable', /expected utf-8 in .*set csv\.encoding/),
    );
    await assert.rejects(
      read(gzipSync('user_id\n1\n').subarray(0, 20), { csv: { encoding: 'latin1' } }, 'csv.gz'),
      coded('input.unreadable', /gzip in/),
    );
    for (const text of ['user_id,x\n1,2\n3,4,5\n', `user_id,x\n${'1,2\n'.repeat(100)}3,4,5\n`]) {
      await assert.rejects(read(text), coded('input.unreadable', /the header user_id,x, and rows with more/));
    }
    await assert.rejects(
      read(`${late('1', '2')}3,4,5\n`),
      coded('input.unreadable', /Line: 21003.*Found: 3/),
    );
    assert.equal((await read('user_id,x\n#1,2\n#3,4\n')).rows.length, 2);
    await assert.rejects(opened({ files: 'none*.csv' }), coded('input.missing', /users at .*none\*\.csv/));
  });

  it('are read again once they change, and not before', async () => {
    const settings = { files: 'changing.csv' };
    await writeFile(join(folder, settings.files), 'user_id\n1\n');
    assert.deepEqual((await opened(settings)).rows, [{ user_id: 1 }]);
    await writeFile(join(folder, settings.files), 'user_id\n1\n2\n');
    assert.deepEqual((await opened(settings)).rows, [{ user_id: 1 }, { user_id: 2 }]);
  });

  it('of CDNOW, as they come', { skip: WITHOUT_SHARED }, async () => {
    const { rows, types } = await opened({
      files: join(SHARED, 'cdnow', 'cdnow_master.txt'),
      csv: { delimiter: 'whitespace' },
      columns: { user_id: 'customer_id', event_time: { sql: "strptime(CAST(date AS STRING), '%Y%m%d')" } },
    });
    assert.equal(rows.length, 69_659);
    assert.equal(new Set(rows.map((row) => row.user_id)).size, 23_570);
    assert.deepEqual([rows[0].user_id, rows[0].dollar_value], ['00001', 11.77]);
    assert.equal(types.dollar_value, 'DOUBLE');
  });
});

describe('types of text files', () => {
  for (const [what, usual, last, expected] of [
    ['a fraction', '1', '12.5', 12.5],
    ['an exponent', '1', '1e-3', 0.001],
    ['a text', '1', 'many', 'many'],
    ['a value after none', '', '12.5', 12.5],
    ['a time after days', '2025-01-01', '2025-01-01 23:30:00', '2025-01-01 23:30:00'],
    [
      'an offset after times',
      '2025-01-01 00:00:00',
      '2025-01-01T23:30:00-05:00',
      '2025-01-01T23:30:00-05:00',
    ],
    ['a zone in place of a digit', '2025-01-01 00:00:00', '2025-01-01  9:30:5Z', '2025-01-01  9:30:5Z'],
    ['a number after yes and no', 'true', '1', '1'],
  ] as const) {
    it(`fit ${what} in the last row`, async () => {
      assert.deepEqual((await read(late(usual, last), lastOf)).rows, [{ user_id: 2, x: expected }]);
    });
  }

  it('fit numbers written in any way after usual ones, and texts after numbers', async () => {
    const written = fc
      .oneof(
        fc.double({ noNaN: true }).map(String),
        fc.bigInt().map(String),
        fc.stringMatching(/^ ?[-+]?\d{0,3}[._,eE]?[-+]?\d{0,3}[a-fx%]? ?$/),
        fc.constantFrom('inf', '-Infinity', '1e400', '5e-324', '0x1p3', '١', '2025-01-01', 'true'),
      )
      .filter((text) => text !== '');
    await fc.assert(
      fc.asyncProperty(written, async (text) => {
        const [{ number }] = await engine.rows<{ number: number | null }>(
          sql`SELECT TRY_CAST(${text} AS DOUBLE) AS number`,
        );
        const { rows } = await read(late('1.5', `"${text}"`), lastOf);
        assert.deepEqual(rows, [{ user_id: 2, x: number ?? text }]);
      }),
      { numRuns: 15 },
    );
  });

  it('may be given, also of the name of a folder', async () => {
    await mkdir(join(folder, 'share=1.5'));
    await writeFile(join(folder, 'share=1.5', 'a.csv'), 'user_id,x\n1,2.5\n');
    const given = await opened({ files: 'share=*/*.csv', csv: { types: { share: 'number' } } });
    assert.deepEqual(given.rows, [{ user_id: 1, x: 2.5, share: 1.5 }]);
  });

  it('may be given', async () => {
    const settings = { csv: { types: { user_id: 'integer', x: 'text' } } };
    assert.deepEqual((await read('user_id,x\n007,01\n', settings)).rows, [{ user_id: 7, x: '01' }]);
    await assert.rejects(
      read('user_id,x\n1,2\n', { csv: { types: { y: 'text' } } }),
      coded('data.column_missing', /"y".*sources\.users\.csv\.types.*user_id, x/),
    );
  });

  it('of JSON lines keep ids and offsets', async () => {
    const lines = [
      { user_id: '001', x: '2025-01-01T10:00:00+02:00' },
      { user_id: '2025-01-01T00:00:00', x: '2025-01-01 10:00:00' },
    ];
    const huge = '{"user_id":12345678901234567890123,"x":"2025-01-01"}';
    const { rows } = await read(
      `${lines.map((line) => JSON.stringify(line)).join('\n')}\n${huge}\n`,
      {},
      'jsonl',
    );
    assert.deepEqual(rows, [...lines, { user_id: '12345678901234567890123', x: '2025-01-01' }]);
  });
});

describe('ids in text files', () => {
  it('are whole numbers only where each is written as one', async () => {
    const typeOf = async (...ids: string[]) =>
      (await read(`user_id,x\n${ids.map((id) => `${id},1\n`).join('')}`)).types.user_id;
    assert.equal(await typeOf('1', '-20', '9223372036854775807'), 'BIGINT');
    for (const odd of ['001', '+1', '-0', '1.0', '1e3', '9223372036854775808', ' 1', 'a']) {
      assert.equal(await typeOf('1', odd), 'VARCHAR', odd);
    }
  });

  it('keep any text', async () => {
    const NULLS = ['', 'NULL', 'NaN', 'nan'];
    const id = fc
      .oneof(fc.string({ unit: 'grapheme' }), fc.bigInt().map(String), fc.stringMatching(/^0{1,3}\d{0,4}$/))
      .filter((text) => !NULLS.includes(text) && !text.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.array(id, { minLength: 1, maxLength: 30 }), async (ids) => {
        const text = `user_id,x\n${ids.map((each) => `"${each.replaceAll('"', '""')}",1\n`).join('')}`;
        const { rows } = await read(text);
        assert.deepEqual(
          rows.map((row) => String(row.user_id)),
          ids,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('of users as numbers and of events as text are the same users where their text is', async () => {
    const project = await testProject(
      {
        sources: { users: { files: 'users.csv' }, events: { files: 'events.jsonl' } },
        features: { static: [], optional: [], daily: { n: { count: 'all' } }, rolling: {}, ratios: {} },
        population: 'all',
      },
      {
        'users.csv': 'user_id,signup_date\n1,2025-01-01\n20,2025-01-01\n',
        'events.jsonl': ['1', '001', '20', '20']
          .map(
            (user_id) => `{"user_id":"${user_id}","event_time":"2025-01-02 10:00:00","event_type":"login"}\n`,
          )
          .join(''),
      },
    );
    await project.run('prepare');
    const rows = await project.table(project.layout.userDaily);
    await project.close();
    assert.deepEqual(
      rows.map(({ user_id, n }) => [user_id, n]),
      [
        ['1', 1],
        ['20', 2],
      ],
    );
  });
});

describe('exports of a warehouse', () => {
  it('in folders by day and country: the names of the folders are columns', async () => {
    for (const [day, country, ids] of [
      ['2025-01-01', 'DE', [1, 2]],
      ['2025-01-01', 'FR', [3]],
      ['2025-01-02', 'DE', [4]],
    ] as const) {
      const query = sql`SELECT value AS user_id FROM ${engine.dialect.series(raw(String(ids[0])), raw(String(ids[ids.length - 1])))} AS numbers`;
      await engine.write(
        query,
        join(folder, 'export', `date=${day}`, `country=${country}`, 'part-0.parquet'),
        'parquet',
      );
    }
    const named = { user_id: 'user_id', signup_date: 'date' };
    const all = await opened({ files: 'export/**/*.parquet', columns: named });
    assert.deepEqual(all.rows, [
      { user_id: 1, signup_date: '2025-01-01', country: 'DE', date: '2025-01-01' },
      { user_id: 2, signup_date: '2025-01-01', country: 'DE', date: '2025-01-01' },
      { user_id: 3, signup_date: '2025-01-01', country: 'FR', date: '2025-01-01' },
      { user_id: 4, signup_date: '2025-01-02', country: 'DE', date: '2025-01-02' },
    ]);
    assert.equal(all.types.signup_date, 'DATE');
    const some = await opened({
      files: 'export/date=*/country=DE/*.parquet',
      where: "date >= DATE '2025-01-02'",
    });
    assert.deepEqual(some.rows, [{ user_id: 4, country: 'DE', date: '2025-01-02' }]);
  });

  it('as CSV or JSON lines in folders by day', async () => {
    for (const day of ['2025-01-01', '2025-01-02']) {
      await mkdir(join(folder, 'days', `date=${day}`), { recursive: true });
      await writeFile(
        join(folder, 'days', `date=${day}`, 'a.jsonl'),
        `{"user_id":"00${day.slice(-1)}","x":5}\n`,
      );
      await writeFile(join(folder, 'days', `date=${day}`, 'a.csv'), `user_id,x\n00${day.slice(-1)},5\n`);
    }
    for (const ending of ['csv', 'jsonl']) {
      assert.deepEqual((await opened({ files: `days/*/*.${ending}` })).rows, [
        { user_id: '001', x: 5, date: '2025-01-01' },
        { user_id: '002', x: 5, date: '2025-01-02' },
      ]);
    }
  });
});
