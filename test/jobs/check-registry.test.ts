import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { checkRegistry, type RegistryFinding } from '../../src/jobs/check-registry.js';
import { promote } from '../../src/jobs/promote.js';
import { recorded } from '../../src/jobs/record.js';
import type { Project } from '../../src/open.js';
import { bundle } from '../model/registry/bundle.js';
import { call, cleanUp, newProject } from './project.js';

after(cleanUp);

/** A version whose training came to its end. */
async function trained(project: Project, name: string): Promise<string> {
  return recorded(project, { command: 'train' }, async (run) => {
    const { version } = await project.registry.add(bundle(name), project.clock());
    await project.history.addReport({ run, kind: 'training', at: null, version, status: 'ok', body: {} });
    return { value: version };
  });
}

async function moveChampion(project: Project, to: string | null): Promise<void> {
  const run = await project.history.startRun({ command: 'promote' });
  const from = await project.history.alias('champion');
  await project.history.moveAlias({ run, alias: 'champion', from, to, because: 'test' });
  await project.history.finishRun(run, { status: 'ok', exit_code: 0 });
}

/** The version that a process stored which was then killed. */
function killedAfter(project: Project, name: string, moment: 'stored' | 'reported'): string {
  const program = join(import.meta.dirname, 'store-and-die.js');
  const died = spawnSync(process.execPath, [program, project.root, name, moment], { encoding: 'utf8' });
  assert.equal(died.signal, 'SIGKILL', died.stderr);
  return died.stdout.trim();
}

const brief = (findings: RegistryFinding[]) =>
  findings.map(({ version, problem, removed }) => `${version} ${problem}${removed ? ' removed' : ''}`).sort();

it('finds and cleans what a crash left between storing a version and moving the alias, and nothing else', async () => {
  const project = await newProject();
  const [champion, former, candidate] = [
    await trained(project, 'champion'),
    await trained(project, 'former'),
    await trained(project, 'candidate'),
  ];
  await moveChampion(project, former);
  await moveChampion(project, champion);
  const copied = (await project.registry.add(bundle('copied'), new Date('2020-01-01T00:00:00Z'))).version;
  const stored = killedAfter(project, 'one', 'stored');
  const reported = killedAfter(project, 'two', 'reported');

  const found = await checkRegistry(project, { fix: false });
  const expected = [`${copied} unknown`, `${reported} unreferenced`, `${stored} unreferenced`].sort();
  assert.deepEqual(brief(found), expected);
  assert.match(
    found.find(({ version }) => version === stored)!.because,
    /\(train\) was killed before it reported/,
  );
  assert.match(found.find(({ version }) => version === reported)!.because, /\(retrain\) was killed/);
  assert.equal((await project.registry.list()).length, 6, 'without --fix nothing goes');

  const fixed = await call(project.root, ['registry', 'check', '--fix', '--json']);
  assert.equal(fixed.code, 2, 'the unknown one stays, and stays told');
  assert.equal(fixed.json<RegistryFinding[]>().filter(({ removed }) => removed).length, 2);
  const left = (await project.registry.list()).map(({ version }) => version).sort();
  assert.deepEqual(left, [champion, former, candidate, copied].sort());
  assert.deepEqual((await readdir(project.layout.modelsFolder)).sort(), left, 'no leftovers');
  assert.deepEqual(brief(await checkRegistry(project, { fix: true })), [`${copied} unknown`]);
  await assert.rejects(moveChampion(project, stored), { code: 'history.conflict', message: /being removed/ });
});

it('a version that was removed can be trained again', async () => {
  const project = await newProject();
  const version = killedAfter(project, 'again', 'stored');
  await checkRegistry(project, { fix: true });
  assert.deepEqual(await project.registry.list(), []);
  assert.equal(await trained(project, 'again'), version);
  await moveChampion(project, version);
  assert.deepEqual(await checkRegistry(project, { fix: true }), []);
});

it('never removes a version that gets an alias while it is looked at', async () => {
  const project = await newProject();
  const version = killedAfter(project, 'late', 'reported');
  // Somebody who does not wait for the lock of jobs, at the worst moment: after the look, before the removal.
  const retire = project.history.retireVersion.bind(project.history);
  project.history.retireVersion = async (...retirement) => {
    await moveChampion(project, version);
    return retire(...retirement);
  };
  const findings = await checkRegistry(project, { fix: true });
  assert.deepEqual(brief(findings), [`${version} unreferenced`], 'found, and not removed');
  assert.equal((await project.registry.champion())?.version, version);
  assert.deepEqual(await checkRegistry(project, { fix: true }), []);
});

it('tells damaged files and aliases without a version, and removes neither', async () => {
  const project = await newProject();
  const [changed, cut, gone] = [
    await trained(project, 'changed'),
    await trained(project, 'cut'),
    await trained(project, 'gone'),
  ];
  await moveChampion(project, gone);
  await writeFile(join(project.registry.folder(changed), 'model.onnx'), 'else');
  await rm(join(project.registry.folder(changed), 'golden_rows.json'));
  await writeFile(join(project.registry.folder(cut), 'manifest.json'), '{"schema": 1, ');
  await rm(project.registry.folder(gone), { recursive: true });
  const findings = await checkRegistry(project, { fix: true });
  assert.deepEqual(brief(findings), [`${changed} damaged`, `${cut} damaged`, `${gone} dangling`].sort());
  assert.match(
    findings.find(({ version }) => version === changed)!.because,
    /model\.onnx was changed, golden_rows\.json is missing/,
  );
  const told = await call(project.root, ['registry', 'check']);
  assert.equal(told.code, 2);
  assert.match(told.out, /champion points to it, and it is not stored/);
  assert.equal((await call(project.root, ['registry', 'mend'])).code, 64);
});

it('no command makes an alias dangle: what is not stored is not promoted', async () => {
  const project = await newProject();
  const version = await trained(project, 'here');
  await assert.rejects(promote(project, { version: '20250101-0000000000', force: true, at: null }), {
    code: 'registry.version_unknown',
  });
  await rm(join(project.registry.folder(version), 'model.onnx'));
  await assert.rejects(promote(project, { version, force: true, at: null }), { code: 'input.missing' });
  assert.deepEqual(await project.history.aliases(), { champion: null, challenger: null });
});
