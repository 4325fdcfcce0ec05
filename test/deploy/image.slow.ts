import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { championProject, cleanUp } from '../jobs/project.js';
import { copyOf, type Instruction, readStages, type Stage, wholeStage } from './dockerfile.js';

/**
 * There is no engine here, so each stage is played in a folder of its own: COPY copies, RUN runs (where it names no path
 * outside its working directory), in the order of the Dockerfile. What an engine adds (users, base images) is not seen.
 */
const stages = readStages();
let images: string;

before(async () => {
  images = await mkdtemp(join(tmpdir(), 'churn-image-'));
  for (const stage of stages) {
    await play(stage);
  }
});
after(async () => {
  await cleanUp();
  await rm(images, { recursive: true, force: true });
});

async function play({ name, from, instructions }: Stage): Promise<void> {
  const root = join(images, name);
  await mkdir(root);
  let folder = root;
  if (existsSync(join(images, from))) {
    await cp(join(images, from), root, { recursive: true, verbatimSymlinks: true });
    folder = join(root, workingFolder(wholeStage(stages, from)));
  }
  for (const { name: kind, text } of instructions) {
    if (kind === 'WORKDIR') {
      folder = join(root, text);
      await mkdir(folder, { recursive: true });
    } else if (kind === 'COPY') {
      await copy(text, root, folder);
    } else if (kind === 'RUN' && name !== 'runtime') {
      assert.doesNotMatch(text, /(^| )\/\w/, 'a path outside the working directory');
      const { PATH, HOME } = process.env;
      await promisify(execFile)('sh', ['-c', text], {
        cwd: folder,
        env: { PATH, HOME },
        maxBuffer: 16 << 20,
      });
    }
  }
}

function workingFolder(instructions: readonly Instruction[]): string {
  return instructions.findLast(({ name }) => name === 'WORKDIR')?.text ?? '/';
}

async function copy(text: string, root: string, folder: string): Promise<void> {
  const { from, sources, target } = copyOf(text);
  const to = isAbsolute(target) ? join(root, target) : join(folder, target);
  for (const source of sources) {
    const path = from === null ? source : join(images, from, source);
    const intoFolder = target.endsWith('/');
    await mkdir(intoFolder ? to : join(to, '..'), { recursive: true });
    await cp(path, intoFolder ? join(to, basename(source)) : to, { recursive: true, verbatimSymlinks: true });
  }
}

interface Findings {
  findings: { part: string; state: string; found: string }[];
}

/** Runs an image's program with nothing but its own environment. */
async function run(image: string, args: string[], environment: Record<string, string> = {}, cwd = images) {
  const main = join(images, image, 'app/bin/churn-mlops.js');
  const child = spawn(process.execPath, [main, ...args], { cwd, env: environment });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

async function doctor(image: string, environment?: Record<string, string>): Promise<Record<string, string>> {
  const { out } = await run(image, ['doctor', '--json'], { PATH: '', ...environment });
  return Object.fromEntries((JSON.parse(out) as Findings).findings.map(({ part, state }) => [part, state]));
}

test('the image that serves has what serving needs, and nothing to train with', async () => {
  const { Node, pip, koffi, XGBoost, ...rest } = await doctor('serve');
  assert.equal(Node, 'ok');
  assert.deepEqual([koffi, XGBoost, pip], ['missing', 'missing', 'missing']);
  assert.deepEqual(rest, { '@duckdb/node-bindings': 'ok', libsql: 'ok', 'onnxruntime-node': 'ok' });
});

test('the image that works has everything, without Python', async () => {
  const library = join(images, 'work/opt/xgboost/xgboost/lib/libxgboost.so');
  const { pip, ...rest } = await doctor('work', { CHURN_XGBOOST_LIBRARY: library });
  assert.equal(pip, 'missing');
  assert.deepEqual(new Set(Object.values(rest)), new Set(['ok']));
});

test('binaries of other platforms, compilers and tests are not there; serving takes less than half of node_modules', async () => {
  for (const image of ['serve', 'work']) {
    const at = (...parts: string[]) => join(images, image, 'app', ...parts);
    const binaries = at('node_modules/onnxruntime-node/bin/napi-v6');
    assert.ok(existsSync(join(binaries, process.platform, process.arch)));
    assert.ok(!existsSync(join(binaries, 'win32/x64')) && !existsSync(join(binaries, 'darwin/arm64')));
    for (const absent of [
      'node_modules/typescript',
      'node_modules/@biomejs',
      'src',
      'dist/test',
      'scripts',
    ]) {
      assert.ok(!existsSync(at(absent)), absent);
    }
  }
  const size = async (path: string) =>
    Number((await promisify(execFile)('du', ['-sm', path])).stdout.split('\t')[0]);
  const [here, there] = [await size('node_modules'), await size(join(images, 'serve/app/node_modules'))];
  assert.ok(there < here / 2, `${there} MiB of ${here}`);
});

test('a champion that the working image has trained is served by the serving one, whose health check sees it', async () => {
  const { root } = await championProject();
  const library = join(images, 'work/opt/xgboost/xgboost/lib/libxgboost.so');
  const trained = await run(
    'work',
    ['train', '--trainer', 'xgboost', '--at', '2025-08-15'],
    { CHURN_XGBOOST_LIBRARY: library },
    root,
  );
  assert.equal(trained.code, 0, trained.err);
  const main = join(images, 'serve/app/bin/churn-mlops.js');
  const server = spawn(process.execPath, [main, 'serve', '--port', '0', '--json'], { cwd: root, env: {} });
  try {
    let text = '';
    while (!/"url": "[^"]+"/.test(text)) {
      const [chunk] = (await once(server.stdout, 'data')) as [Buffer];
      text += chunk;
    }
    const { url } = JSON.parse(text) as { url: string };
    const ends = Date.now() + 20_000;
    while (!(await fetch(`${url}/ready`)).ok && Date.now() < ends) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal((await fetch(`${url}/ready`)).status, 200);
    const check = wholeStage(stages, 'serve').find(({ name }) => name === 'HEALTHCHECK')?.text ?? '';
    const [, ...args] = JSON.parse(check.slice(check.indexOf('['))) as string[];
    const healthy = (port: string) =>
      promisify(execFile)(process.execPath, args, { env: { CHURN_SERVE_PORT: port } }).then(
        () => true,
        () => false,
      );
    assert.equal(await healthy(new URL(url).port), true);
    assert.equal(await healthy('1'), false);
  } finally {
    server.kill();
    await once(server, 'close');
  }
});
