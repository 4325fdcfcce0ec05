import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { temporaryBeside } from '../../../src/files.js';
import type { History } from '../../../src/history/history.js';
import type { NewEntry } from '../../../src/history/inbox.js';
import { openPostgresHistory } from '../../../src/history/postgres/open.js';
import { openSpool, type Spool, type SpoolOptions } from '../../../src/serve/history/spool.js';
import { type PostgresServer, startPostgres } from '../../servers/postgres.js';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.remove());

const trigger = (key: string, body: unknown = {}): NewEntry => ({
  kind: 'trigger',
  key,
  subject: 'retrain',
  body,
  at: '2026-02-01T12:00:00.000Z',
});

interface Place {
  history: History;
  folder: string;
  told: string[];
  open(changes?: Partial<SpoolOptions>): Promise<Spool>;
  keys(): Promise<string[]>;
}

async function placeFor(context: TestContext): Promise<Place> {
  const folder = join(await mkdtemp(join(tmpdir(), 'churn-spool-')), 'spool');
  const url = await server.newDatabase();
  const clock = () => new Date();
  const history = await openPostgresHistory({ url, clock, patienceMilliseconds: 0 });
  const told: string[] = [];
  const opened: Spool[] = [];
  context.after(async () => {
    await Promise.all(opened.map((spool) => spool.close()));
    await history.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    history,
    folder,
    told,
    open: async (changes = {}) => {
      const spool = await openSpool({
        folder,
        inbox: history,
        most: 100,
        retryMilliseconds: 50,
        clock,
        log: { info: (_, text) => told.push(text), error: (_, text) => told.push(text) },
        ...changes,
      });
      opened.push(spool);
      return spool;
    },
    keys: async () => (await history.entries({ kind: 'trigger' })).map(({ key }) => key),
  };
}

const outcomes = async (spool: Spool, ...entries: NewEntry[]) =>
  (await spool.tell(entries)).map(({ outcome }) => outcome);

async function empty(spool: Spool): Promise<void> {
  for (let tries = 0; spool.stats().waiting > 0; tries++) {
    assert.ok(tries < 500, `${spool.stats().waiting} wait: ${spool.stats().because}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('while history is there it is told at once, and nothing lies on disk', async (context) => {
  const { open, keys, folder } = await placeFor(context);
  const spool = await open();
  assert.deepEqual(await outcomes(spool, trigger('a'), trigger('b')), ['added', 'added']);
  assert.deepEqual(await outcomes(spool, trigger('a'), trigger('b', 2)), ['known', 'differs']);
  assert.deepEqual(await keys(), ['a', 'b']);
  await assert.rejects(readdir(folder), /ENOENT/);
});

test('while it is away entries wait on disk, and reach it in order, once', async (context) => {
  const { open, keys, folder, told } = await placeFor(context);
  const spool = await open();
  await outcomes(spool, trigger('a'));
  await server.stop('immediate');
  assert.deepEqual(await outcomes(spool, trigger('b'), trigger('a')), ['spooled', 'spooled']);
  for (const key of ['c', 'd', 'e']) {
    assert.deepEqual(await outcomes(spool, trigger(key)), ['spooled']);
  }
  assert.equal(spool.stats().waiting, 5);
  assert.match(spool.stats().because ?? '', /history/);
  await server.start();
  await empty(spool);
  assert.deepEqual(await keys(), ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(await readdir(folder), []);
  assert.deepEqual(await outcomes(spool, trigger('f')), ['added']);
  assert.deepEqual(told, ['everything that was spooled is in history']);
});

test('what a killed process left is handed over by the next one, and by several at once just once', async (context) => {
  const { open, keys, folder } = await placeFor(context);
  await server.stop('immediate');
  const first = await open();
  await outcomes(first, trigger('a'));
  await outcomes(first, trigger('b'));
  await first.close();
  const half = temporaryBeside(join(folder, '000000000000001-00000000-00000001.json'));
  await writeFile(half.replace(`-${process.pid}-`, '-999999999-'), '[');
  const others = await Promise.all([open(), open(), open()]);
  assert.equal(others[0].stats().waiting, 2);
  await server.start();
  await Promise.all(others.map(empty));
  assert.deepEqual(await keys(), ['a', 'b']);
  assert.deepEqual(await readdir(folder), []);
});

test('more than may wait is refused and counted, and what waits is safe', async (context) => {
  const { open, keys } = await placeFor(context);
  const spool = await open({ most: 2 });
  await server.stop('immediate');
  await outcomes(spool, trigger('a'));
  await assert.rejects(spool.tell([trigger('b'), trigger('c')]), /at most 2 entries to wait/);
  assert.deepEqual(await outcomes(spool, trigger('d')), ['spooled']);
  assert.equal(spool.stats().refused, 2);
  await server.start();
  await empty(spool);
  assert.deepEqual(await keys(), ['a', 'd']);
});

test('a damaged file is kept aside and does not stop the others', async (context) => {
  const { open, keys, folder, told } = await placeFor(context);
  await server.stop('immediate');
  const first = await open();
  await outcomes(first, trigger('a'));
  await first.close();
  await writeFile(join(folder, '000000000000001-00000000-00000001.json'), '[{"kind"');
  const spool = await open();
  await server.start();
  await empty(spool);
  assert.deepEqual(await keys(), ['a']);
  assert.deepEqual(await readdir(folder), ['000000000000001-00000000-00000001.json.refused']);
  assert.match(told[0], /kept aside/);
});
