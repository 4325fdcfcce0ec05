import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readColumnsJson } from '../../../src/serve/routes/columns-json.js';

const read = (text: string) => readColumnsJson(Buffer.from(text));

/** What JSON.parse makes of the same text, with NaN for null in columns that were read as numbers. */
function agrees(text: string): void {
  const body = read(text);
  assert.ok(body, text.slice(0, 200));
  const { columns, ...rest } = JSON.parse(text) as { columns: Record<string, unknown[]> };
  const { columns: empty, ...others } = body.rest;
  assert.deepEqual(empty, {});
  assert.deepEqual(others, rest);
  assert.deepEqual(Object.keys(body.columns), Object.keys(columns));
  for (const [name, values] of Object.entries(body.columns)) {
    const found = Array.from(values as unknown[], (value, i) =>
      Number.isNaN(value) && columns[name][i] === null ? null : value,
    );
    assert.deepEqual(found, columns[name], name);
  }
}

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1000, max: 1000, noNaN: true }).map((x) => Number(x.toFixed(3))),
);
const column = fc.oneof(
  fc.array(fc.option(number, { nil: null }), { maxLength: 50 }),
  fc.array(fc.option(fc.string({ unit: 'binary' }), { nil: null }), { maxLength: 20 }),
  fc.array(fc.jsonValue(), { maxLength: 10 }),
);
const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__proto__');

test('columns are read as JSON.parse reads them, to the bit', () => {
  fc.assert(
    fc.property(
      fc.dictionary(name, column, { noNullPrototype: true }),
      fc.dictionary(
        name.filter((text) => text !== 'columns'),
        fc.jsonValue(),
        { noNullPrototype: true },
      ),
      fc.constantFrom(0, 1, '\t'),
      (columns, rest, space) => agrees(JSON.stringify({ ...rest, columns }, null, space)),
    ),
    { numRuns: 500 },
  );
});

test('a cut or changed document is read as JSON.parse reads it, or left to it', () => {
  const text = JSON.stringify({
    user_ids: ['a', null],
    columns: { x: [1, -0.5, null, 1e21], plan: ['a"]', 'ü'] },
  });
  fc.assert(
    fc.property(
      fc.nat({ max: text.length - 1 }),
      fc.nat({ max: 3 }),
      fc.constantFrom('', ',', ']', '}', '0', '"', 'null', 'NaN', '-', '.', 'e5', ' ', '\\'),
      (at, cut, instead) => {
        const changed = text.slice(0, at) + instead + text.slice(at + cut);
        const body = read(changed);
        if (body !== null) {
          agrees(changed);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('numbers are typed, anything else is not', () => {
  const body = read(`{"columns": {
    "a": [1, 2.5, null, -0, 1e-7, 1234567890123456],
    "b": ["x", null], "c": [true], "d": [1e300], "e": [], "f": [null], "g": [1, "x"]
  }}`)!;
  const { a, b, c, d, e, f, g } = body.columns;
  assert.deepEqual(a, Float64Array.of(1, 2.5, Number.NaN, -0, 1e-7, 1234567890123456));
  assert.deepEqual([b, c, d, g], [['x', null], [true], [1e300], [1, 'x']]);
  assert.deepEqual([e, f], [Float64Array.of(), Float64Array.of(Number.NaN)]);
});

test('a column of many long numbers is left to JSON.parse', () => {
  const values = Array.from({ length: 300 }, (_, i) => (i + 1) / 7);
  assert.deepEqual(read(JSON.stringify({ columns: { a: values } }))!.columns.a, values);
});

test('long columns grow', () => {
  const values = Array.from({ length: 5000 }, (_, i) => i / 8);
  const body = read(JSON.stringify({ columns: { a: values, b: values } }))!;
  assert.deepEqual(body.columns.b, Float64Array.from(values));
});

test('what is none of ours is left alone', () => {
  for (const text of [
    '',
    '[]',
    '{}',
    '{"rows": []}',
    '{"columns": 1}',
    '{"columns": {"a": 1}}',
    '{"columns": {"a": [01]}}',
    '{"columns": {"a": [1.]}}',
    '{"columns": {"a": [1,]}}',
    '{"columns": {"a": [nul]}}',
    '{"columns": {"a": [NaN]}}',
    '{"columns": {"__proto__": [1]}}',
    '{"columns": {"a": [1]}} x',
    '\ufeff{"columns": {}}',
  ]) {
    assert.equal(read(text), null, text);
  }
});
