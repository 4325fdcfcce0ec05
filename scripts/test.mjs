// Runs one suite with node's test runner: fast = *.test.js, slow = *.slow.js, both from dist/test.
// Further arguments narrow it down: `npm test -- drift` runs the files whose path contains "drift".
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const [suite, ...wanted] = process.argv.slice(2);
const ending = suite === 'slow' ? '.slow.js' : '.test.js';
const files = readdirSync('dist/test', { recursive: true })
  .map((name) => join('dist/test', String(name)))
  .filter((path) => path.endsWith(ending) && wanted.every((part) => path.includes(part)))
  .sort();
if (files.length === 0) {
  console.error(`no ${suite} test matches ${wanted.join(' ') || ending}`);
  process.exit(64);
}
const run = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
  { stdio: 'inherit' },
);
process.exit(run.status ?? 1);
