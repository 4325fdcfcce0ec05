import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePythonJson, withoutBareNaN } from '../../../src/serve/routes/python-json.js';

const parse = (text: string) => parsePythonJson(Buffer.from(text));

/** JSON as Python's json.dumps writes it. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(pythonJson).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${JSON.stringify(name)}: ${pythonJson(inner)}`)
      .join(', ')}}`;
  }
  return Number.isNaN(value) ? 'NaN' : JSON.stringify(value);
}

function nullForNaN(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(nullForNaN);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, nullForNaN(inner)]));
  }
  return Number.isNaN(value) ? null : value;
}

/** Texts out of what could lead a scanner astray. */
const text = fc
  .array(fc.constantFrom('NaN', '"', '\\', '\\"', 'Na', 'N', 'null', '[', ',', 'é', '\n', 'a'), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

const { document } = fc.letrec((tie) => ({
  document: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    text,
    fc.constant(Number.NaN),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('document'), { maxLength: 6 }),
    fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      tie('document'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
}));

test('a bare NaN is null, a text with the word stays as it is', () => {
  fc.assert(
    fc.property(document, (value) => {
      assert.deepEqual(parse(pythonJson(value)), nullForNaN(value));
    }),
    { numRuns: 2000 },
  );
});

test('JSON without NaN is left alone', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      assert.deepEqual(parse(json), JSON.parse(json));
      if (!/NaN/.test(json)) {
        assert.equal(withoutBareNaN(json), json);
      }
    }),
  );
});

test('what is no JSON stays none', () => {
  for (const wrong of [
    '',
    'NaNNaN',
    '1NaN',
    'NaN1',
    '-NaN',
    '{NaN: 1}',
    '["NaN',
    '[Infinity]',
    '[nan]',
    '"a\\"NaN',
  ]) {
    assert.throws(() => parse(wrong), { code: 'http.invalid' }, wrong);
  }
});

test('large bodies are read in linear time', () => {
  const row = `[${new Array(45).fill('NaN').join(', ')}, "it is NaN \\\\\\" or not"]`;
  const quotes = `["${'\\"'.repeat(2_000_000)}", NaN]`;
  const slashes = `["${'\\'.repeat(2_000_000)}", NaN]`;
  const rows = `[${new Array(10_000).fill(row).join(', ')}]`;
  const start = performance.now();
  assert.equal((parse(rows) as unknown[]).length, 10_000);
  assert.equal((parse(quotes) as unknown[])[1], null);
  assert.equal((parse(slashes) as unknown[])[1], null);
  assert.ok(performance.now() - start < 3000);
});
