import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadConfig } from '../../src/config/load.js';
import { openProject, type Project } from '../../src/open.js';
import { ask, type ServeRunning, startServe } from '../cli/run-cli.js';
import { until } from '../until.js';
import { COLUMNS, trainedVersion } from './holder/versions.js';

const FEATURES = Object.fromEntries(Array.from({ length: COLUMNS }, (_, i) => [`f${i}`, i / 4]));

let folder: string;
let project: Project;
const versions: string[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-serve-'));
  await writeFile(join(folder, 'churn.yaml'), '{}\n');
  project = await openProject(await loadConfig({ folder, environment: {} }));
  for (const seed of [1, 2]) {
    versions.push((await trainedVersion(project.registry, { seed })).version);
  }
});
after(async () => {
  await project.close();
  await rm(folder, { recursive: true, force: true });
});

async function promote(version: string | null): Promise<void> {
  const run = await project.history.startRun({ command: 'promote' });
  const from = await project.history.alias('champion');
  await project.history.moveAlias({ run, alias: 'champion', from, to: version, because: 'test' });
}

test('starts without a model, takes one on SIGHUP, swaps on request, logs, and ends with 0 on SIGTERM', async () => {
  const server = await startServe(folder);
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await ask(`${server.url}/live`)).status, 200);
  assert.equal((await ask(`${server.url}/ready`)).status, 503);
  assert.equal((await ask(`${server.url}/predict`, { user_id: 1, features: FEATURES })).status, 503);

  await promote(versions[0]);
  server.process.kill('SIGHUP');
  await until('ready', async () => (await ask(`${server.url}/ready`)).status === 200);
  const first = JSON.parse((await ask(`${server.url}/predict`, { user_id: 1, features: FEATURES })).text);
  assert.equal(first.model_version, versions[0]);

  await promote(versions[1]);
  const reload = JSON.parse((await ask(`${server.url}/admin/reload`, {})).text);
  assert.deepEqual([reload.outcome, reload.version], ['swapped', versions[1]]);
  const second = JSON.parse((await ask(`${server.url}/predict`, { user_id: 1, features: FEATURES })).text);
  assert.equal(second.model_version, versions[1]);
  assert.notEqual(second.churn_risk, first.churn_risk);
  assert.equal((await ask(`${server.url}/users/1/churn`)).status, 404);

  server.process.kill('SIGTERM');
  await until('no more ready', async () => (await ask(`${server.url}/ready`)).status === 503);
  assert.equal((await server.ended).code, 0);
  assert.match(server.err(), /the model was swapped/);
  const logged = await readdir(join(folder, 'data/prediction_log'), { recursive: true });
  assert.ok(
    logged.some((name) => name.endsWith('.parquet')),
    logged.join(' '),
  );
});

test('several processes: one port, metrics of all, reload of all, a lost one is replaced', async () => {
  await promote(versions[0]);
  const server = await startServe(folder, ['--workers', '2']);
  const loaded = async () => /churn_model_loaded 1\n/.test((await ask(`${server.url}/metrics`)).text);
  await until('the new model in every process', loaded);
  const predictions = async () =>
    Number(/churn_api_predictions_total (\d+)/.exec((await ask(`${server.url}/metrics`)).text)?.[1]);
  const requests = 60;
  for (let i = 0; i < requests; i++) {
    assert.equal((await ask(`${server.url}/predict`, { user_id: i, features: FEATURES })).status, 200);
  }
  assert.equal(await predictions(), requests);

  await promote(versions[1]);
  await ask(`${server.url}/admin/reload`, {});
  await until('the other version everywhere', async () => {
    const { text } = await ask(`${server.url}/metrics`);
    return text.includes(`version="${versions[1]}"`) && !text.includes(`version="${versions[0]}"`);
  });

  const lost = Number(/process_(\d+)/.exec(await workerIds(server))?.[1]);
  process.kill(lost, 'SIGKILL');
  await until('the loss told', async () => server.err().includes(`process ${lost} ended`));
  await until('the new model in every process', loaded);
  await until(
    'an answer',
    async () => (await ask(`${server.url}/predict`, { user_id: 1, features: FEATURES })).status === 200,
  );
  assert.ok((await predictions()) > requests, 'counts of the lost process stay');
  server.process.kill('SIGTERM');
  assert.equal((await server.ended).code, 0);
});

/** Ids of the child processes, as Linux tells them. */
async function workerIds({ process: child }: ServeRunning): Promise<string> {
  const { execFileSync } = await import('node:child_process');
  const ids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)])
    .toString()
    .trim()
    .split(/\s+/);
  return ids.map((id) => `process_${id}`).join(' ');
}

test('a server that must end in the middle of batches ends in good order, with 1', async () => {
  const heavy = await trainedVersion(project.registry, { seed: 3, rounds: 300, depth: 8 });
  await promote(heavy.version);
  const server = await startServe(folder, [], {
    CHURN_SERVE_DRAIN_SECONDS: '0',
    CHURN_SERVE_STOP_SECONDS: '0.05',
  });
  await until('ready', async () => (await ask(`${server.url}/ready`)).status === 200);
  const columns = Object.fromEntries(Object.keys(FEATURES).map((name) => [name, Array(10_000).fill(0.5)]));
  const batches = Array.from({ length: 8 }, () =>
    ask(`${server.url}/predict/batch`, { columns }).then(
      ({ status }) => status,
      () => 'lost',
    ),
  );
  const inFlight = async () =>
    Number(/churn_api_requests_in_flight (\d+)/.exec((await ask(`${server.url}/metrics`)).text)?.[1]);
  await until('batches in flight', async () => (await inFlight()) > 8);
  server.process.kill('SIGTERM');
  assert.equal((await server.ended).code, 1, server.err());
  assert.ok((await Promise.all(batches)).includes('lost'));
});

test('a server that others reach does not start without keys', async () => {
  await assert.rejects(startServe(folder, ['--host', '0.0.0.0']), /ended with 78: .*serve\.keys/s);
  await assert.rejects(
    startServe(folder, ['--host', '0.0.0.0', '--workers', '2']),
    /ended with 78: .*serve\.keys/s,
  );
});
