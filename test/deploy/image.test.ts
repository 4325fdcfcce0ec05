import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PINNED } from '../../src/model/trainer/library-fetch.js';
import { PROGRAM_VERSION } from '../../src/version.js';
import { commandProblem } from './command-line.js';
import { copyOf, readStages, wholeStage } from './dockerfile.js';

const stages = readStages();
const names = stages.map(({ name }) => name);
const IMAGES = ['serve', 'work'];

test('bases are pinned by their exact tag and have glibc', () => {
  const bases = new Set(stages.map(({ from }) => from).filter((from) => !names.includes(from)));
  assert.equal(bases.size, 2);
  for (const base of bases) {
    assert.match(base, /^(node|python):\d+\.\d+\.\d+-(slim-)?bookworm(-slim)?$/);
  }
});

test('every file that is copied exists, is let through by .dockerignore, and nothing else is', () => {
  const kept = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = new Set<string>();
  for (const { name, instructions } of stages) {
    for (const { text } of instructions.filter((one) => one.name === 'COPY')) {
      const { from, sources } = copyOf(text);
      if (from !== null) {
        assert.ok(names.indexOf(from) >= 0 && names.indexOf(from) < names.indexOf(name), `${name}: ${from}`);
      } else {
        sources.forEach((source) => copied.add(source));
      }
    }
  }
  assert.deepEqual([...copied].sort(), [...kept].sort());
  assert.ok(kept.every((path) => existsSync(path)));
  assert.match(readFileSync('.dockerignore', 'utf8'), /^\*$/m);
});

test('images run as a user without rights, without package managers or build tools, by exec form', () => {
  for (const image of IMAGES) {
    const whole = wholeStage(stages, image);
    const last = (name: string) => whole.findLast((one) => one.name === name)?.text ?? '';
    assert.equal(last('USER'), '10001:10001');
    assert.deepEqual(JSON.parse(last('ENTRYPOINT')), ['node', '/app/bin/churn-mlops.js']);
    assert.equal(commandProblem(JSON.parse(last('CMD'))), null);
    const ran = whole.filter(({ name }) => name === 'RUN').map(({ text }) => text);
    assert.equal(ran.length, 1);
    assert.match(ran[0], /rm -rf .*\/usr\/local\/bin\/npm /);
    assert.doesNotMatch(ran[0], /apt-get|curl|npm (ci|install)/);
    const taken = whole.filter(({ name }) => name === 'COPY').map(({ text }) => copyOf(text).from);
    assert.equal(taken.includes('xgboost'), image === 'work');
  }
});

test('node itself checks the health of the API', () => {
  const check = wholeStage(stages, 'serve').find(({ name }) => name === 'HEALTHCHECK')?.text ?? '';
  const [program, flag, script] = JSON.parse(check.slice(check.indexOf('['))) as string[];
  assert.deepEqual([program, flag], ['node', '-e']);
  assert.match(script, /\/live/);
});

test('XGBoost is the one that the program would fetch itself', () => {
  const text =
    stages
      .find(({ name }) => name === 'xgboost')
      ?.instructions.map((one) => one.text)
      .join() ?? '';
  assert.ok(text.includes(`xgboost-cpu==${PINNED.version} `));
  if (PINNED.name === 'xgboost-cpu') {
    assert.deepEqual(
      [...text.matchAll(/sha256:([0-9a-f]{64})/g)].map(([, hash]) => hash),
      PINNED.sha256,
    );
  }
});

test('manifests and compose name images of our version', () => {
  for (const file of ['deploy/kubernetes/base/kustomization.yaml', 'compose.yaml', 'Dockerfile']) {
    const text = readFileSync(file, 'utf8');
    const tags = [...text.matchAll(/churn-mlops\/(?:serve|work)(?::|, newTag: )([\d.]+)/g)].map(
      ([, tag]) => tag,
    );
    assert.ok(tags.length >= 2, file);
    assert.ok(
      tags.every((tag) => tag === PROGRAM_VERSION),
      file,
    );
  }
});
