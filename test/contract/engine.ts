import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Column, ColumnChunk, ColumnSpec, Engine, FileFormat } from '../../src/data/engine/engine.js';
import { identifier, join as joinSql, raw, type Sql, sql } from '../../src/data/engine/sql.js';
import { ChurnError, type ErrorCode } from '../../src/error.js';
import { random } from '../../src/random.js';
import { addDays, dayNumber } from '../../src/time.js';

const HOSTILE = [
  ...[
    "it's",
    '"; DROP TABLE users; --',
    '\\',
    "\\'",
    '$1',
    '?',
    '$'.concat('{x}'),
    '%',
    '`x`',
    '/* */',
    '\n\r\t',
  ],
  ...['', ' ', 'NULL', 'nan', '😀', '日本', 'e\u0301', '\u202e', 'x'.repeat(10_000)],
];

/** What every engine has to do, whatever it is; `open` opens a fresh one that may use the folder. */
export function engineContract(open: (folder: string) => Promise<Engine>): void {
  let engine: Engine;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'churn-engine-'));
    engine = await open(folder);
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** So many rows with a column `value` from 0. */
  const numbers = (count: number) =>
    sql`${engine.dialect.series(raw('0'), raw(String(count - 1)))} AS numbers`;
  const one = async <T>(expression: Sql) =>
    (await engine.rows<{ x: T }>(sql`SELECT ${expression} AS x`))[0].x;

  describe('parameters and names', () => {
    it('take any text as it is', async () => {
      for (const text of HOSTILE) {
        assert.equal(await one(sql`${text}`), text);
      }
    });

    it('take numbers, big integers, booleans, null and lists', async () => {
      for (const value of [
        0,
        1,
        -1,
        0.1,
        2 ** 31,
        2 ** 40 + 1,
        Number.MAX_VALUE,
        5e-324,
        42n,
        true,
        false,
        null,
      ]) {
        assert.equal(await one(sql`${value}`), typeof value === 'bigint' ? Number(value) : value);
      }
      assert.equal(await one(sql`CAST(${Number.POSITIVE_INFINITY} AS DOUBLE)`), Number.POSITIVE_INFINITY);
    });

    it('stand in their order when statements are built of parts', async () => {
      const part = sql`${'b'} || ${"c'"}`;
      assert.equal(await one(sql`${'a'} || ${part} || ${'d'}`), "abc'd");
    });

    it('quote any name', async () => {
      for (const name of ['select', 'two words', 'a"b', 'a`b', "a'b", 'ä', 'x.y', '1', 'User']) {
        const [row] = await engine.rows<Record<string, number>>(
          sql`SELECT ${identifier(name)} FROM (SELECT 5 AS ${identifier(name)}) AS t`,
        );
        assert.deepEqual(row, { [name]: 5 });
      }
    });
  });

  describe('rows', () => {
    it('have days as ISO days, times as ISO text, and numbers that are numbers', async () => {
      const [row] =
        await engine.rows(sql`SELECT DATE '2025-02-28' AS day, CAST('2025-02-28 00:00:00' AS TIMESTAMP) AS midnight,
        CAST(5 AS BIGINT) AS big, CAST(1.25 AS DECIMAL(9, 2)) AS money, CAST(NULL AS DOUBLE) AS nothing, TRUE AS yes, 'é' AS text`);
      assert.deepEqual(row, {
        day: '2025-02-28',
        midnight: '2025-02-28T00:00:00.000Z',
        big: 5,
        money: 1.25,
        nothing: null,
        yes: true,
        text: 'é',
      });
    });

    it('may be none', async () => {
      assert.deepEqual(await engine.rows(sql`SELECT 1 AS x FROM ${numbers(3)} WHERE value > 5`), []);
    });
  });

  describe('columns', () => {
    it('come as typed arrays with NaN for null, texts as arrays with null', async () => {
      const chunks = await all(
        engine.columns(sql`SELECT CAST(x AS DOUBLE) AS d, CAST(x AS FLOAT) AS f, CAST(x AS INTEGER) AS i, CAST(x AS BIGINT) AS b,
            CAST(x AS DECIMAL(9, 2)) AS m, DATE '2025-01-01' + CAST(x AS INTEGER) AS day, x > 1 AS flag, CAST(x AS STRING) AS s
          FROM (SELECT 1 AS k, 1 AS x UNION ALL SELECT 2, NULL UNION ALL SELECT 3, 3) AS t ORDER BY k`),
      );
      const first = dayNumber('2025-01-01');
      assert.deepEqual(flat(chunks), [
        [1, NaN, 3],
        [1, NaN, 3],
        [1, NaN, 3],
        [1, NaN, 3],
        [1, NaN, 3],
        [first + 1, NaN, first + 3],
        [0, NaN, 1],
        ['1', null, '3'],
      ]);
      assert.ok(chunks[0].columns[0] instanceof Float64Array);
      assert.ok(chunks[0].columns[1] instanceof Float32Array);
      assert.ok(chunks[0].columns[3] instanceof Float64Array);
    });

    it('of whole numbers are the doubles next to them', async () => {
      const whole = [
        0n,
        -1n,
        2n ** 32n,
        -(2n ** 32n) - 1n,
        -(2n ** 53n) - 3n,
        2n ** 62n + 513n,
        2n ** 63n - 1n,
      ];
      const query = whole.map((each, i) => raw(`SELECT ${i} AS k, CAST('${each}' AS BIGINT) AS x`));
      const chunks = await all(
        engine.columns(sql`SELECT x FROM (${joinSql(query, ' UNION ALL ')}) AS t ORDER BY k`),
      );
      assert.deepEqual(flat(chunks), [whole.map(Number)]);
    });

    it('of texts are these texts, however many and however alike', async () => {
      const stream = random(7);
      const pieces = ['', 'a', 'b', 'é', '😀', ' ', '0', 'plan_'];
      const texts = Array.from({ length: 60_000 }, (_, i) =>
        i % 7 === 0
          ? null
          : Array.from({ length: stream.integer(9) }, () => pieces[stream.integer(pieces.length)]).join(''),
      );
      const specs: ColumnSpec[] = [
        { name: 'k', type: 'INTEGER' },
        { name: 'text', type: 'VARCHAR' },
      ];
      const order = Int32Array.from(texts.keys());
      await engine.load('texts', specs, [{ rows: texts.length, columns: [order, texts] }]);
      const chunks = await all(
        engine.columns(sql`SELECT ${identifier('text')} FROM ${identifier('texts')} ORDER BY k`),
      );
      assert.deepEqual(flat(chunks), [texts]);
    });

    it('stream more than 100,000 rows in order', async () => {
      let next = 0;
      let chunks = 0;
      for await (const chunk of engine.columns(
        sql`SELECT value, CAST(value AS STRING) FROM ${numbers(150_000)} ORDER BY value`,
      )) {
        const [values, texts] = chunk.columns as [Float64Array, string[]];
        assert.equal(values.length, chunk.rows);
        for (let i = 0; i < chunk.rows; i++) {
          assert.ok(values[i] === next && texts[i] === String(next), `row ${next}`);
          next++;
        }
        chunks++;
      }
      assert.equal(next, 150_000);
      assert.ok(chunks > 1);
    });

    it('of types that come as texts keep the order of the query too', async () => {
      const times = sql`CAST(DATE '2025-01-01' + value AS TIMESTAMP)`;
      const chunks = await all(
        engine.columns(sql`SELECT value, ${times} FROM ${numbers(50_000)} ORDER BY value DESC`),
      );
      const [values, texts] = flat(chunks);
      assert.deepEqual(
        values,
        Array.from({ length: 50_000 }, (_, i) => 49_999 - i),
      );
      assert.ok(texts.every((text, i) => i === 0 || String(text) < String(texts[i - 1])));
    });

    it('can be two streams at once, with other statements between', async () => {
      const query = sql`SELECT value FROM ${numbers(20_000)} ORDER BY value`;
      const [a, b] = [
        engine.columns(query)[Symbol.asyncIterator](),
        engine.columns(query)[Symbol.asyncIterator](),
      ];
      let [rowsA, rowsB] = [0, 0];
      for (;;) {
        const [nextA, nextB] = [await a.next(), await b.next()];
        assert.equal(await one(sql`1`), 1);
        if (nextA.done || nextB.done) {
          assert.equal(nextA.done, nextB.done);
          break;
        }
        rowsA += nextA.value.rows;
        rowsB += nextB.value.rows;
      }
      assert.deepEqual([rowsA, rowsB], [20_000, 20_000]);
    });

    it('may be left in the middle', async () => {
      for await (const chunk of engine.columns(sql`SELECT value FROM ${numbers(100_000)}`)) {
        assert.ok(chunk.rows > 0);
        break;
      }
      assert.equal(await one(sql`1`), 1);
    });
  });

  describe('a cancelled statement', () => {
    const endless = () =>
      sql`SELECT CAST(sum(a.value % 7 * (b.value % 5)) AS BIGINT) AS x FROM ${engine.dialect.series(raw('0'), raw('9999999'))} AS a CROSS JOIN ${engine.dialect.series(raw('0'), raw('9999'))} AS b`;
    const calls: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
      rows: (signal) => engine.rows(endless(), signal),
      run: (signal) => engine.run(sql`CREATE OR REPLACE TABLE never AS ${endless()}`, signal),
      columns: (signal) => all(engine.columns(endless(), signal)),
      write: (signal) => engine.write(endless(), join(folder, 'never.parquet'), 'parquet', signal),
      keep: (signal) => engine.keep(endless(), join(folder, 'never.parquet'), signal),
    };
    for (const [name, call] of Object.entries(calls)) {
      it(`stops within a second (${name}), and leaves the engine and other statements alone`, async () => {
        const stop = new AbortController();
        const other = engine.rows<{ x: number }>(
          sql`SELECT CAST(sum(value) AS BIGINT) AS x FROM ${engine.dialect.series(raw('0'), raw('19999999'))} AS numbers`,
        );
        const ended = assert.rejects(call(stop.signal), hasCode('work.cancelled'));
        setTimeout(() => stop.abort(), 100);
        const started = performance.now();
        await ended;
        assert.ok(performance.now() - started < 1100, `took ${performance.now() - started} ms`);
        assert.equal((await other)[0].x, 199999990000000);
        assert.equal(await one(sql`1`), 1);
        assert.deepEqual(
          (await readdir(folder)).filter((file) => file.includes('never')),
          [],
        );
      });

      it(`does not start (${name}) when the signal has aborted before`, async () => {
        await assert.rejects(call(AbortSignal.abort()), hasCode('work.cancelled'));
      });
    }

    it('stops even when cancelled at once', async () => {
      for (let i = 0; i < 10; i++) {
        const stop = new AbortController();
        const ended = assert.rejects(engine.rows(endless(), stop.signal), hasCode('work.cancelled'));
        setTimeout(() => stop.abort(), i % 3);
        await ended;
      }
    });
  });

  describe('load', () => {
    const SPECS: ColumnSpec[] = (
      ['DOUBLE', 'FLOAT', 'INTEGER', 'BIGINT', 'DATE', 'TIMESTAMP', 'VARCHAR'] as const
    ).map((type) => ({ name: `a ${type}`, type }));

    it('keeps every type, NaN as null, over the boundaries of chunks', async () => {
      const rows = [1, 2047, 2048, 2049, 5000];
      const total = rows.reduce((sum, count) => sum + count, 0);
      let from = 0;
      const chunks = rows.map((count) => {
        const start = from;
        from += count;
        const number = (i: number) => ((start + i) % 5 === 0 ? Number.NaN : start + i);
        return {
          rows: count,
          columns: [
            Float64Array.from({ length: count }, (_, i) => number(i) + 0.25),
            Float32Array.from({ length: count }, (_, i) => number(i) + 0.5),
            Int32Array.from({ length: count }, (_, i) => -(start + i)),
            Float64Array.from({ length: count }, (_, i) => number(i) * 1e9),
            Float64Array.from({ length: count }, (_, i) => number(i) - 4000),
            Float64Array.from({ length: count }, (_, i) => number(i) * 1e6 + 1),
            Array.from({ length: count }, (_, i) => ((start + i) % 3 === 0 ? null : `t ${start + i} 😀`)),
          ] as Column[],
        };
      });
      await engine.load('loaded', SPECS, chunks);
      const types = (await engine.describe(sql`SELECT * FROM ${identifier('loaded')}`)).map(({ type }) =>
        type.toUpperCase(),
      );
      assert.match(types[4], /DATE/);
      assert.match(types[5], /TIMESTAMP/);
      const micros = sql`(CAST(${identifier('a TIMESTAMP')} AS STRING))`;
      const back = flat(
        await all(
          engine.columns(
            sql`SELECT ${joinSql(SPECS.filter(({ type }) => type !== 'TIMESTAMP').map(({ name }) => identifier(name)))}, ${micros}
              FROM ${identifier('loaded')} ORDER BY ${identifier('a INTEGER')} DESC`,
          ),
        ),
      );
      for (let i = 0; i < total; i++) {
        const missing = i % 5 === 0;
        const expected = [
          missing ? NaN : i + 0.25,
          missing ? NaN : i + 0.5,
          -i + 0,
          missing ? NaN : i * 1e9,
          missing ? NaN : i - 4000,
          i % 3 === 0 ? null : `t ${i} 😀`,
        ];
        assert.deepEqual(
          back.slice(0, 6).map((column) => column[i]),
          expected.map((x) => (x === 0 ? 0 : x)),
          `row ${i}`,
        );
        const time = back[6][i] as string | null;
        assert.equal(
          time,
          missing ? null : `${new Date(i * 1000).toISOString().slice(0, 19).replace('T', ' ')}.000001`,
        );
      }
      assert.equal(back[0].length, total);
    });

    it('takes chunks as they are made, and replaces a table', async () => {
      async function* chunks(values: number[]): AsyncGenerator<ColumnChunk> {
        for (const value of values) {
          yield { rows: 1, columns: [Float64Array.of(value)] };
        }
      }
      for (const values of [[1, 2], [3], []]) {
        await engine.load('again', [{ name: 'x', type: 'DOUBLE' }], chunks(values));
        const found = await engine.rows<{ x: number }>(sql`SELECT x FROM ${identifier('again')} ORDER BY x`);
        assert.deepEqual(
          found,
          values.map((x) => ({ x })),
        );
      }
    });
  });

  describe('write', () => {
    for (const format of ['parquet', 'csv', 'jsonl'] as FileFormat[]) {
      it(`writes ${format} that reads back, with odd names in the path`, async () => {
        const path = join(folder, `it's "new" ${format}`, `out.${format}`);
        const query = sql`SELECT value AS id, 'a,"b" ' || CAST(value AS STRING) AS text, CASE WHEN value % 2 = 0 THEN value / 4.0 END AS number,
          DATE '2025-01-01' + CAST(value AS INTEGER) AS day FROM ${numbers(5)} ORDER BY value`;
        assert.equal(await engine.write(query, path, format), 5);
        const back = await engine.rows<Record<string, unknown>>(
          sql`SELECT id, text, CAST(number AS DOUBLE) AS number, day FROM ${engine.dialect.readFiles(path, format)} AS t ORDER BY id`,
        );
        assert.deepEqual(
          back,
          [0, 1, 2, 3, 4].map((i) => ({
            id: i,
            text: `a,"b" ${i}`,
            number: i % 2 === 0 ? i / 4 : null,
            day: addDays('2025-01-01', i),
          })),
        );
      });
    }

    it('leaves the old file, and no other, when the query fails', async () => {
      const place = join(folder, 'failing');
      const path = join(place, 'table.parquet');
      await engine.write(sql`SELECT 1 AS x`, path, 'parquet');
      const before = await readFile(path);
      const failing = sql`SELECT CAST(CASE WHEN value = 90000 THEN 'x' ELSE '1' END AS INTEGER) AS x FROM ${numbers(100_000)}`;
      await assert.rejects(engine.write(failing, path, 'parquet'), hasCode('data.column_type'));
      await assert.rejects(
        engine.write(
          sql`SELECT 1 AS x FROM ${numbers(1)} WHERE value > 1`,
          path,
          'parquet',
          undefined,
          () => new ChurnError('data.empty', { expected: 'rows', came: 'none' }),
        ),
        hasCode('data.empty'),
      );
      assert.deepEqual(await readFile(path), before);
      assert.deepEqual(await readdir(place), ['table.parquet']);
    });
  });

  describe('describe', () => {
    it('names the columns without running the query', async () => {
      const described = await engine.describe(
        sql`SELECT CAST('x' AS INTEGER) AS a, ${'b'} AS "b c" FROM ${numbers(3)}`,
      );
      assert.deepEqual(
        described.map(({ name }) => name),
        ['a', 'b c'],
      );
    });
  });

  describe('errors', () => {
    const read = (path: string, format: FileFormat) =>
      engine.rows(sql`SELECT * FROM ${engine.dialect.readFiles(path, format)} AS t`);

    for (const format of ['parquet', 'csv', 'jsonl'] as FileFormat[]) {
      it(`a missing ${format} file is missing input (66)`, async () => {
        await assert.rejects(read(join(folder, `none.${format}`), format), hasCode('input.missing', 66));
        await assert.rejects(read(join(folder, 'none', `*.${format}`), format), hasCode('input.missing', 66));
      });
    }

    it('a broken or cut Parquet file is unreadable input (65)', async () => {
      const path = join(folder, 'broken.parquet');
      await writeFile(path, 'no parquet at all, though long enough to be one');
      await assert.rejects(read(path, 'parquet'), hasCode('input.unreadable', 65));
      const whole = join(folder, 'whole.parquet');
      await engine.write(sql`SELECT value FROM ${numbers(1000)}`, whole, 'parquet');
      await writeFile(path, (await readFile(whole)).subarray(0, 500));
      await assert.rejects(read(path, 'parquet'), hasCode('input.unreadable', 65));
    });

    it('broken JSON lines are unreadable input (65)', async () => {
      const path = join(folder, 'broken.jsonl');
      await writeFile(path, '{"a": 1}\n{"a": \n');
      await assert.rejects(read(path, 'jsonl'), hasCode('input.unreadable', 65));
    });

    it('a value that is none of its type is bad data (65)', async () => {
      await assert.rejects(one(sql`CAST('many' AS DOUBLE)`), hasCode('data.column_type', 65));
      await assert.rejects(one(sql`CAST(${'2025-13-01'} AS DATE)`), hasCode('data.column_type', 65));
    });

    it('a wrong statement is a failure of ours (1), with the statement attached', async () => {
      await assert.rejects(one(sql`no_such_function(${1})`), (error: ChurnError) => {
        assert.ok(hasCode('engine.failed', 1)(error));
        assert.match(String((error.cause as { statement: string }).statement), /no_such_function/);
        return true;
      });
    });
  });

  describe('the dialect', () => {
    it('series counts from one number to the other', async () => {
      const values = async (from: number, to: number) =>
        (
          await engine.rows<{ value: number }>(
            sql`SELECT value FROM ${engine.dialect.series(raw(String(from)), raw(String(to)))} AS s ORDER BY value`,
          )
        ).map(({ value }) => value);
      assert.deepEqual(await values(-2, 3), [-2, -1, 0, 1, 2, 3]);
      assert.deepEqual(await values(5, 5), [5]);
    });

    it('dayNumber counts days since 1970', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: -20_000, max: 60_000 }), { minLength: 1, maxLength: 50 }),
          async (days) => {
            const list = joinSql(
              days.map(
                (day) => sql`${engine.dialect.dayNumber(sql`CAST(${addDays('1970-01-01', day)} AS DATE)`)}`,
              ),
            );
            const [row] = await engine.rows<Record<string, number>>(sql`SELECT ${list}`);
            assert.deepEqual(Object.values(row), days);
          },
        ),
        { numRuns: 20 },
      );
    });

    it('utcTime moves offsets to UTC and takes times without one as UTC', async () => {
      const day = (value: Sql, type: string, lenient?: boolean) =>
        one<string | null>(sql`CAST(${engine.dialect.utcTime(value, type, lenient)} AS DATE)`);
      const described = async (value: Sql) => (await engine.describe(sql`SELECT ${value} AS x`))[0].type;
      for (const [text, expected] of [
        ['2025-01-01T23:30:00-05:00', '2025-01-02'],
        ['2025-01-02T01:30:00+02:00', '2025-01-01'],
        ['2025-01-01 23:59:59', '2025-01-01'],
        ['2025-01-01', '2025-01-01'],
        ['2025-01-01T00:00:00Z', '2025-01-01'],
      ]) {
        assert.equal(
          await day(sql`CAST(${text} AS STRING)`, await described(sql`CAST(${text} AS STRING)`)),
          expected,
        );
      }
      const stamp = sql`CAST('2025-01-01 23:30:00' AS TIMESTAMP)`;
      assert.equal(await day(stamp, await described(stamp)), '2025-01-01');
      assert.equal(await day(sql`DATE '2025-01-01'`, 'DATE'), '2025-01-01');
      assert.equal(
        await day(sql`CAST('soon' AS STRING)`, await described(sql`CAST('soon' AS STRING)`), true),
        null,
      );
      assert.equal(await day(sql`CAST(17 AS BIGINT)`, await described(sql`CAST(17 AS BIGINT)`), true), null);
      await assert.rejects(
        day(sql`CAST('soon' AS STRING)`, await described(sql`CAST('soon' AS STRING)`)),
        hasCode('data.column_type'),
      );
    });

    it('unitGroup is the low six bits of the first byte of the MD5, 0 for null', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer()), { minLength: 1, maxLength: 100 }),
          async (units) => {
            const list = joinSql(units.map((unit) => engine.dialect.unitGroup(sql`${unit}`)));
            const [row] = await engine.rows<Record<string, number>>(sql`SELECT ${list}`);
            assert.deepEqual(Object.values(row), units.map(groupOf));
          },
        ),
        { numRuns: 20 },
      );
      assert.equal(await one(engine.dialect.unitGroup(sql`CAST(NULL AS STRING)`)), 0);
    });

    it('hashShare is the first 32 bits of the SHA-256 as a share, null for null', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 50 }),
          async (texts) => {
            const list = joinSql(texts.map((text) => engine.dialect.hashShare(sql`${text}`)));
            const [row] = await engine.rows<Record<string, number>>(sql`SELECT ${list}`);
            const expected = texts.map(
              (text) => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32,
            );
            assert.deepEqual(Object.values(row), expected);
          },
        ),
        { numRuns: 20 },
      );
      assert.equal(await one(engine.dialect.hashShare(sql`CAST(NULL AS STRING)`)), null);
    });

    it('a sample takes so many different rows, the same for the same seed, and all of a small relation', async () => {
      const series = engine.dialect.series(raw('1'), raw('30000'));
      const file = join(folder, 'numbers.parquet');
      await engine.write(sql`SELECT value FROM ${series} AS numbers`, file, 'parquet');
      // Names that an engine may have for numbers of its own.
      const odd = join(folder, 'numbered.parquet');
      await engine.write(
        sql`SELECT value, 5 AS file_row_number, CAST(NULL AS INTEGER) AS file_index FROM ${series} AS numbers`,
        odd,
        'parquet',
      );
      const files = [file, odd].map((path) => engine.dialect.readFiles(path, 'parquet'));
      for (const relation of [series, ...files]) {
        await sampleOf(relation);
      }
    });

    async function sampleOf(relation: Sql): Promise<void> {
      const values = async (rows: number, seed: number) => {
        const query = await engine.sample(sql`value`, relation, rows, seed);
        return (await engine.rows<{ value: number }>(query)).map(({ value }) => value).sort((a, b) => a - b);
      };
      const [first, again, other] = [await values(1000, 7), await values(1000, 7), await values(1000, 8)];
      assert.equal(new Set(first).size, 1000);
      assert.deepEqual(first, again);
      assert.notDeepEqual(first, other);
      const mean = first.reduce((sum, value) => sum + value, 0) / 1000;
      assert.ok(Math.abs(mean - 15_000) < 1500, `mean ${mean}`);
      assert.equal((await values(29_999, 7)).length, 29_999);
      assert.equal((await values(50_000, 7)).length, 30_000);
    }

    it('exactWhole takes whole doubles that no other number is rounded to', async () => {
      const whole = (text: string) => one(engine.dialect.exactWhole(sql`CAST(${text} AS DOUBLE)`));
      for (const text of ['0', '-7', '9007199254740991', '-9007199254740991', '1e3', '4.0']) {
        assert.equal(await whole(text), Number(text));
      }
      assert.equal(await one(engine.dialect.exactWhole(sql`CAST(NULL AS DOUBLE)`)), null);
      for (const text of ['0.5', '9007199254740993', '1e300', 'Infinity', 'NaN']) {
        await assert.rejects(whole(text), hasCode('data.column_type'), text);
      }
    });

    it('nanToNull and timestampOfMicroseconds', async () => {
      assert.equal(await one(engine.dialect.nanToNull(sql`CAST('NaN' AS DOUBLE)`)), null);
      assert.equal(await one(engine.dialect.nanToNull(sql`CAST(1.5 AS DOUBLE)`)), 1.5);
      assert.equal(
        await one(engine.dialect.timestampOfMicroseconds(sql`CAST(${1.7e15} AS DOUBLE)`)),
        new Date(1.7e12).toISOString(),
      );
    });
  });
}

function groupOf(unit: string | number): number {
  return createHash('md5').update(String(unit)).digest()[0] % 64;
}

function hasCode(code: ErrorCode, exit?: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChurnError, `not one of our errors: ${error}`);
    assert.equal(error.code, code, error.message);
    assert.ok(exit === undefined || error.exitCode === exit);
    return true;
  };
}

async function all(chunks: AsyncIterable<ColumnChunk>): Promise<ColumnChunk[]> {
  const found: ColumnChunk[] = [];
  for await (const chunk of chunks) {
    found.push(chunk);
  }
  return found;
}

/** The chunks as one plain array per column. */
function flat(chunks: readonly ColumnChunk[]): (number | string | null)[][] {
  return chunks[0].columns.map((_, i) =>
    chunks.flatMap((chunk) => [...(chunk.columns[i] as (number | string | null)[])]),
  );
}
