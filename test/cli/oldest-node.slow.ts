import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../until.js';
import { ask, MAIN, startServe } from './run-cli.js';

const execute = promisify(execFile);

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-oldest-node-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('the whole loop runs, and its model is served, with the oldest Node that package.json allows', async () => {
  const { engines } = JSON.parse(await readFile('package.json', 'utf8')) as { engines: { node: string } };
  const oldest = `${engines.node.replace('>=', '')}.0`;
  const name = `node-${process.platform}-${process.arch}`;
  await execute('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-save', `${name}@${oldest}`]);
  const node = join(folder, 'node_modules', name, 'bin/node');
  assert.equal((await execute(node, ['--version'])).stdout, `v${oldest}\n`);
  const { stdout } = await execute(node, [MAIN, 'demo'], { cwd: folder, maxBuffer: 16 << 20 });
  assert.match(stdout, /The whole loop took \d+ s/);
  const server = await startServe(join(folder, 'churn-demo'), [], {}, node);
  try {
    await until('ready', async () => (await ask(`${server.url}/ready`)).status === 200);
    assert.match((await ask(`${server.url}/docs/`)).text, /swagger/i);
  } finally {
    await server.stop();
  }
});
