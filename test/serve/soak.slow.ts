import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.js';
import { openProject } from '../../src/open.js';
import { ask, startServe } from '../cli/run-cli.js';
import { newFolder } from '../jobs/project.js';
import { COLUMNS, trainedVersion } from './holder/versions.js';

/** Half an hour at 200 requests a second. */
const REQUESTS = 30 * 60 * 200;
const SWAPS = 100;
const CONNECTIONS = 24;
/** Every so-manieth request is a batch. */
const BATCH_EVERY = 50;
const BATCH_ROWS = 200;
/** Growth of the process from the tenth swap to the end, in megabytes. */
const MOST_GROWTH = 100;

const features = (i: number) =>
  Object.fromEntries(
    Array.from({ length: COLUMNS }, (_, column) => [`f${column}`, ((i * (column + 3)) % 97) / 10]),
  );

const megabytes = async (pid: number) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** What is left when nothing works in the background: the least of some seconds. */
async function settledMegabytes(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    least = Math.min(least, await megabytes(pid));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return least;
}

test('half an hour of load and a hundred swaps: no failed request, no growth', async (context) => {
  const folder = await newFolder();
  await writeFile(
    join(folder, 'churn.yaml'),
    'serve: { reload_seconds: 0.2, prediction_log: { compact_minutes: 0.2 } }\n',
  );
  const project = await openProject(await loadConfig({ folder, environment: {} }));
  context.after(() => project.close());
  const versions = [
    await trainedVersion(project.registry, { seed: 1, rounds: 200, depth: 6 }),
    await trainedVersion(project.registry, { seed: 2, rounds: 200, depth: 6 }),
  ].map(({ version }) => version);
  const promote = async (version: string) => {
    const run = await project.history.startRun({ command: 'promote' });
    const from = await project.history.alias('champion');
    await project.history.moveAlias({ run, alias: 'champion', from, to: version, because: 'test' });
    await project.history.finishRun(run, { status: 'ok', exit_code: 0 });
  };
  await promote(versions[0]);
  const server = await startServe(folder);
  while ((await ask(`${server.url}/ready`)).status !== 200) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const singles = Array.from({ length: 97 }, (_, i) => JSON.stringify({ user_id: i, features: features(i) }));
  const columns = Object.fromEntries(
    Object.keys(features(0)).map((name) => [
      name,
      Array.from({ length: BATCH_ROWS }, (_, i) => features(i)[name]),
    ]),
  );
  const batch = JSON.stringify({ columns });
  const risks = new Map<string, number>();
  const answered: Record<string, number> = {};
  let [next, failed] = [0, 0];
  const client = async () => {
    while (next < REQUESTS) {
      const i = next++;
      const many = i % BATCH_EVERY === 0;
      const answer = await post(
        agent,
        `${server.url}/predict${many ? '/batch' : ''}`,
        many ? batch : singles[i % 97],
      );
      const { model_version, churn_risk } = JSON.parse(answer.text);
      if (answer.status !== 200 || !versions.includes(model_version)) {
        failed++;
        continue;
      }
      answered[model_version] = (answered[model_version] ?? 0) + 1;
      // One version has one answer to a row, alone and in a batch: an answer of two versions would differ.
      const pairs: [number, number][] = many
        ? churn_risk.slice(0, 97).map((risk: number, row: number) => [row, risk])
        : [[i % 97, churn_risk]];
      for (const [row, risk] of pairs) {
        const key = `${model_version} ${row}`;
        assert.equal(risk, risks.get(key) ?? risk, key);
        risks.set(key, risk);
      }
    }
  };
  const begun = performance.now();
  let early = 0;
  let swaps = 0;
  const swapping = (async () => {
    for (; swaps < SWAPS; swaps++) {
      while (next < ((swaps + 1) * REQUESTS) / (SWAPS + 2)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await promote(versions[(swaps + 1) % 2]);
      const version = versions[(swaps + 1) % 2];
      while (!(await ask(`${server.url}/ready`)).text.includes(`"model":"${version}"`)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      early = swaps === 9 ? await megabytes(server.process.pid as number) : early;
    }
  })();
  await Promise.all([swapping, ...Array.from({ length: CONNECTIONS }, client)]);
  const seconds = (performance.now() - begun) / 1000;
  const late = await settledMegabytes(server.process.pid as number);
  const metrics = (await ask(`${server.url}/metrics`)).text;
  agent.destroy();
  server.process.kill('SIGTERM');
  assert.equal((await server.ended).code, 0);
  context.diagnostic(
    `${REQUESTS} requests and ${swaps} swaps in ${seconds.toFixed(0)} s; answers ${JSON.stringify(answered)}; memory ${early.toFixed(0)} MB after 10 swaps, ${late.toFixed(0)} MB at the end`,
  );
  assert.equal(failed, 0);
  assert.match(metrics, /churn_prediction_log_dropped_total 0\n/);
  assert.doesNotMatch(metrics, /churn_prediction_log_compactions_total\{result="done"\} 0\n/);
  assert.ok(Object.keys(answered).length === 2);
  assert.match(metrics, /churn_model_reloads_total\{outcome="failed"\} 0\n/);
  assert.ok(late - early < MOST_GROWTH, `memory grew from ${early} to ${late} MB`);
});

function post(agent: Agent, url: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
