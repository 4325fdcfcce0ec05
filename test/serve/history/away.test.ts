import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { loadConfig } from '../../../src/config/load.js';
import { openProject } from '../../../src/open.js';
import { ask, startServe } from '../../cli/run-cli.js';
import { cleanUp, newFolder } from '../../jobs/project.js';
import { startPostgres } from '../../servers/postgres.js';
import { until } from '../../until.js';
import { COLUMNS, trainedVersion } from '../holder/versions.js';

const features = Object.fromEntries(Array.from({ length: COLUMNS }, (_, i) => [`f${i}`, i / 4]));

after(cleanUp);

/** A project whose history is in a database of its own. */
async function projectOn(context: TestContext) {
  const database = await startPostgres();
  context.after(() => database.remove());
  const folder = await newFolder();
  await writeFile(join(folder, 'churn.yaml'), 'serve: { reload_seconds: 0.2, drain_seconds: 0 }\n');
  const environment = { CHURN_HISTORY_URL: await database.newDatabase() };
  const project = await openProject(await loadConfig({ folder, environment }));
  context.after(() => project.close());
  return { database, folder, environment, project };
}

test('a server that starts while the database is away lives, says why it is not ready, and gets its model later', async (context) => {
  const { database, folder, environment, project } = await projectOn(context);
  const { version } = await trainedVersion(project.registry);
  const run = await project.history.startRun({ command: 'promote' });
  await project.history.moveAlias({ run, alias: 'champion', from: null, to: version, because: 'test' });
  await database.stop('immediate');
  const server = await startServe(folder, [], environment);
  assert.equal((await ask(`${server.url}/live`)).status, 200);
  let ready = await ask(`${server.url}/ready`);
  for (let tries = 0; !/expected .*history/.test(JSON.parse(ready.text).because); tries++) {
    assert.ok(tries < 100, ready.text);
    await new Promise((resolve) => setTimeout(resolve, 50));
    ready = await ask(`${server.url}/ready`);
  }
  assert.equal(ready.status, 503);
  await database.start();
  for (let tries = 0; (await ask(`${server.url}/ready`)).status !== 200; tries++) {
    assert.ok(tries < 300, server.err());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(JSON.parse((await ask(`${server.url}/ready`)).text).model, version);
  server.process.kill('SIGTERM');
  assert.equal((await server.ended).code, 0);
});

test('while the database is away the server predicts, keeps what it must tell, says so, and catches up', async (context) => {
  const { database, folder, environment, project } = await projectOn(context);
  const versions = [
    await trainedVersion(project.registry),
    await trainedVersion(project.registry, { seed: 2 }),
  ];
  const promote = async (version: string) => {
    const run = await project.history.startRun({ command: 'promote' });
    const from = await project.history.alias('champion');
    await project.history.moveAlias({ run, alias: 'champion', from, to: version, because: 'test' });
    await project.history.finishRun(run, { status: 'ok', exit_code: 0 });
  };
  await promote(versions[0].version);
  const server = await startServe(folder, [], environment);
  const ready = async () => JSON.parse((await ask(`${server.url}/ready`)).text);
  const predict = () => ask(`${server.url}/predict`, { user_id: 1, features });
  const triggers = async () => (await project.history.entries({ kind: 'trigger' })).map(({ body }) => body);
  const retrain = async (reason: string) => {
    const answer = await ask(`${server.url}/admin/retrain`, { reason });
    assert.equal(answer.status, 202, answer.text);
    return JSON.parse(answer.text).outcome;
  };
  await until('ready', async () => (await ready()).status === 'ready');
  assert.equal(await retrain('before'), 'added');

  await database.stop('immediate');
  await until('history away', async () => (await ready()).history.status === 'away');
  for (let i = 0; i < 20; i++) {
    assert.equal((await predict()).status, 200);
  }
  assert.deepEqual([await retrain('one'), await retrain('two')], ['spooled', 'spooled']);
  const during = await ready();
  assert.deepEqual([during.status, during.model, during.history.spooled], ['ready', versions[0].version, 2]);
  const asked = performance.now();
  const { text } = await ask(`${server.url}/metrics`);
  assert.ok(performance.now() - asked < 3000, 'a scrape does not wait for it');
  assert.match(text, /churn_spool_entries 2\n/);
  assert.match(text, /churn_monitor_history_readable 0\n/);
  assert.match(server.err(), /history is away; the loaded model goes on answering/);

  await database.start();
  await until('nothing kept back', async () => (await ready()).history.spooled === 0);
  assert.deepEqual(
    (await triggers()).map((body) => (body as { reason: string }).reason),
    ['before', 'one', 'two'],
  );
  await promote(versions[1].version);
  await until('the new model', async () => (await ready()).model === versions[1].version);
  assert.match(server.err(), /history is back/);
  await until('both swaps', async () => (await project.history.entries({ kind: 'swap' })).length === 2);
  const swaps = await project.history.entries({ kind: 'swap' });
  assert.deepEqual(
    swaps.map(({ subject }) => subject),
    versions.map(({ version }) => version),
  );
  server.process.kill('SIGTERM');
  assert.equal((await server.ended).code, 0);
});
