import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startPostgres } from '../../servers/postgres.js';
import { openPlace } from './place.js';
import { type Play, play } from './play.js';
import { verify } from './verify.js';

const OPERATIONS = 10_000;
const KILLS = 40;

async function playAndVerify(
  context: TestContext,
  options: Pick<Play, 'place' | 'folder' | 'seed' | 'events'>,
): Promise<void> {
  const played = await play({ ...options, operations: OPERATIONS, kills: KILLS });
  const history = await openPlace(options.place);
  const counts = await verify(history, played);
  await history.close();
  const { kills, seconds } = played;
  const figures = { operations: OPERATIONS, seconds: Math.round(seconds), kills: kills.length, ...counts };
  context.diagnostic(JSON.stringify(figures));
  context.diagnostic(
    `killed, after how many operations: ${kills.map((k) => `${k.name}@${k.done}`).join(' ')}`,
  );
}

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-replicas-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('eight processes, kills and two restarts on PostgreSQL: nothing lost, nothing twice', async (context) => {
  const server = await startPostgres({ durable: true });
  context.after(() => server.remove());
  const place = await server.newDatabase();
  const events = [
    { share: 0.3, happen: () => server.restart('fast', 1) },
    { share: 0.6, happen: () => server.restart('immediate', 3) },
  ];
  await playAndVerify(context, { place, folder: await folderOf(context), seed: 'postgres', events });
});

test('eight processes and kills on SQLite: nothing lost, nothing twice', async (context) => {
  const folder = await folderOf(context);
  const place = join(folder, 'history.db');
  await playAndVerify(context, { place, folder, seed: 'sqlite', events: [] });
});
