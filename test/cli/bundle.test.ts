import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

const FOLDER = 'dist/cli';
const names = readdirSync(FOLDER);
const files = names
  .filter((name) => name.endsWith('.js'))
  .map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }));
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  dependencies: Record<string, string>;
};

/** What a file imports, at once or later. */
function importsOf(text: string): string[] {
  const atOnce = text.matchAll(/^(?:import|export|\}) ?[^"\n]*"([^"\n]+)";$/gm);
  return [...atOnce, ...text.matchAll(/\bimport\("([^"\n]+)"\)/g)].map(([, from]) => from);
}

const packageOf = (from: string) => from.split('/', from.startsWith('@') ? 2 : 1).join('/');

test('what the command line imports lies beside it, is of Node, or is a dependency', () => {
  const outside = new Set<string>();
  for (const { name, text } of files) {
    for (const from of importsOf(text)) {
      if (from.startsWith('./')) {
        assert.ok(names.includes(from.slice(2)), `${name}: ${from}`);
      } else if (!isBuiltin(from)) {
        outside.add(packageOf(from));
      }
    }
  }
  assert.ok(outside.has('fastify') && outside.has('onnxruntime-node'), [...outside].join(', '));
  assert.deepEqual(
    [...outside].filter((name) => dependencies[name] === undefined),
    [],
  );
});

test('threads and other processes find their files by name', () => {
  const asked = new Set(
    files.flatMap(({ text }) =>
      [...text.matchAll(/new URL\("\.\/([^"]+)", import\.meta\.url\)/g)].map(([, name]) => name),
    ),
  );
  assert.deepEqual([...asked].sort(), ['main.js', 'scoring-worker.js', 'xgboost-worker.js']);
  assert.deepEqual(
    [...asked].filter((name) => !names.includes(name)),
    [],
  );
});

test('modules that only do something are in it: reports of onnxruntime are off before it is loaded', () => {
  assert.ok(files.some(({ text }) => text.includes('ORT_DISABLE_TELEMETRY ??=')));
});

test('the licence of every package in it is told', () => {
  const licences = readFileSync(join(FOLDER, 'LICENSES.txt'), 'utf8');
  const within = new Set(
    files.flatMap(({ text }) =>
      [...text.matchAll(/^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/gm)].map(([, name]) => name),
    ),
  );
  assert.ok(within.size >= 6);
  for (const name of within) {
    assert.match(licences, new RegExp(`^${name}$`, 'm'));
  }
});
