import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { estimate, evaluate } from '../../src/index.js';
import { close } from '../reference/monitor.js';
import { performanceReference } from '../reference/performance.js';

test('the package exports its library by its own name', async () => {
  const name = 'churn-mlops';
  assert.equal((await import(name)).evaluate.toString(), evaluate.toString());
});

test('evaluate and estimate take plain arrays', () => {
  const [{ labels, scores, at }] = performanceReference().samples;
  const evaluation = evaluate(
    { labels: labels.map((label) => label === 1), scores },
    { flag: { threshold: 0.4 } },
  );
  close(evaluation.flagged.measures.f1.value!, at.find((each) => each.threshold === 0.4)!.f1, 1e-12);
  const users = labels.map((_, row) => `user ${row % 100}`);
  assert.equal(evaluate({ labels, scores, users }).users, 100);
  const estimated = estimate({ labels, scores }, scores.slice(0, 200));
  assert.ok(Math.abs(estimated.measures.roc_auc.value! - evaluation.measures.roc_auc.value!) < 0.1);
  assert.match(estimated.assumption, /no concept drift/);
  assert.throws(() => evaluate({ labels: [0, 2], scores: [0.1, 0.2] }), { code: 'data.invalid' });
  assert.throws(() => evaluate({ labels: [0, 1], scores: [0.1, 0.2], users: ['a'] }), {
    code: 'data.invalid',
  });
});

/** Links the library in a context that has the language only: no process, Buffer, require, timers, fetch. */
const BARE = `
import { createContext, SourceTextModule } from 'node:vm';
import { readFile } from 'node:fs/promises';
const context = createContext({ answer: null });
const known = new Map();
async function load(url) {
  if (!url.startsWith('file:')) throw new Error('imports ' + url);
  if (!known.has(url)) known.set(url, new SourceTextModule(await readFile(new URL(url), 'utf8'), { context, identifier: url }));
  return known.get(url);
}
const library = await load(process.argv[1]);
const use = new SourceTextModule(
  "import * as library from 'library'; const scores = Array.from({ length: 400 }, (_, i) => ((i * 37) % 400) / 400);" +
  "const labels = scores.map((s, i) => s + ((i * 13) % 10) / 20 > 0.8 ? 1 : 0);" +
  "answer = JSON.stringify([library.evaluate({ labels, scores }).measures.roc_auc.value, library.estimate({ labels, scores }, scores).measures.roc_auc.value]);",
  { context });
await use.link((name, from) => load(name === 'library' ? process.argv[1] : new URL(name, from.identifier).href));
await use.evaluate();
process.stdout.write(context.answer);
`;

test('it runs where there is nothing but the language', async () => {
  const library = new URL('../../src/index.js', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--experimental-vm-modules',
    '--no-warnings',
    '--input-type=module',
    '--eval',
    BARE,
    library,
  ]);
  const [measured, estimated] = JSON.parse(stdout) as number[];
  assert.ok(measured > 0.5 && estimated > 0.5, stdout);
});
