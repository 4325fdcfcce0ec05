import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { History } from '../../src/history/history.js';
import type { HistoryOptions } from '../../src/history/options.js';
import { tickingClock, withCode } from './assertions.js';
import { duplicatesAreKnown } from './inbox.js';
import { leasesExclude } from './leases.js';
import { migrationsGoForward } from './migrations.js';
import { profilesMerge } from './profiles.js';
import { oldThingsAreForgotten } from './retention.js';
import { exportsAreWhole } from './transfer.js';

/** One empty place to keep a history; every `open` of it is another connection to the same one. */
export interface HistoryPlace {
  open(options?: Partial<HistoryOptions>): Promise<History>;
  remove(): Promise<void>;
}

/** What every adapter of the history must do. */
export function historyContract(adapter: string, makePlace: () => Promise<HistoryPlace>): void {
  describe(`the history contract on ${adapter}`, () => {
    let place: HistoryPlace;
    let history: History;
    before(async () => {
      place = await makePlace();
      history = await place.open({ clock: tickingClock() });
    });
    after(async () => {
      await history.close();
      await place.remove();
    });
    runsAreKept(() => history);
    reportsAreKept(() => history);
    aliasesMove(() => history);
    versionsRetire(() => history);
    connectionsAgree(
      () => history,
      () => place,
    );
    leasesExclude(() => history);
    duplicatesAreKnown(() => history);
    profilesMerge(() => history);
    migrationsGoForward(makePlace);
    oldThingsAreForgotten(makePlace);
    exportsAreWhole(makePlace);
  });
}

function runsAreKept(history: () => History): void {
  it('keeps what a run was asked and what came out', async () => {
    const parent = await history().startRun({ command: 'run' });
    const id = await history().startRun({ command: 'drift', parent, at: '2025-02-13' });
    const outcome = {
      status: 'attention' as const,
      exit_code: 2,
      reads: [{ path: 'a.parquet', rows: 10, sha256: 'ab' }],
      writes: [{ path: 'ü/b.json' }],
      result: { max_psi: 0.3, rows: 12n, nothing: null },
    };
    await history().finishRun(id, outcome);
    const run = await history().run(id);
    assert.equal(run.parent, parent);
    assert.equal(run.at, '2025-02-13');
    assert.deepEqual(run.reads, outcome.reads);
    assert.deepEqual(run.writes, outcome.writes);
    assert.deepEqual(run.result, { max_psi: 0.3, rows: 12, nothing: null });
    assert.equal(run.status, 'attention');
    assert.equal(run.exit_code, 2);
    assert.equal(run.error, null);
    assert.ok(run.started_at < run.finished_at!);
  });

  it('keeps an error, and leaves alone what the outcome does not say', async () => {
    const id = await history().startRun({ command: 'train', at: '2025-01-01' });
    const error = { code: 'data.empty', message: 'expected rows; got "none"\u0000' };
    await history().finishRun(id, { status: 'failed', exit_code: 65, error });
    const run = await history().run(id);
    assert.deepEqual(run.error, error);
    assert.equal(run.at, '2025-01-01');
    assert.deepEqual([run.reads, run.writes, run.result], [[], [], {}]);
  });

  it('lists runs newest first, by command, by parent and up to a limit', async () => {
    const parent = await history().startRun({ command: 'listing' });
    const ids: string[] = [];
    for (const command of ['one', 'two', 'one']) {
      ids.push(await history().startRun({ command, parent }));
    }
    const idsOf = async (filter: Parameters<History['runs']>[0]) =>
      (await history().runs(filter)).map((run) => run.id);
    assert.deepEqual(await idsOf({ parent }), ids.toReversed());
    assert.deepEqual(await idsOf({ parent, command: 'one' }), [ids[2], ids[0]]);
    assert.deepEqual(await idsOf({ limit: 1 }), [ids[2]]);
    assert.deepEqual(await idsOf({ command: 'three' }), []);
    assert.deepEqual(
      [...ids].sort().map((id) => ids.indexOf(id)),
      [0, 1, 2],
    );
  });

  it('finds a run by an unambiguous beginning of its id, in either case', async () => {
    const first = await history().startRun({ command: 'find' });
    const second = await history().startRun({ command: 'find' });
    const shared = [...first].findIndex((character, at) => character !== second[at]);
    assert.equal((await history().run(second.slice(0, shared + 1).toUpperCase())).id, second);
    await assert.rejects(history().run(first.slice(0, shared)), withCode('history.run_unknown', /begin/));
    for (const nobody of ['', 'zzzz', "' or 1=1 --", '%', `${first}0`]) {
      await assert.rejects(history().run(nobody), withCode('history.run_unknown'));
    }
  });

  it('finishes a run once, and only one that is there', async () => {
    const id = await history().startRun({ command: 'once' });
    await history().finishRun(id, { status: 'ok', exit_code: 0 });
    const again = history().finishRun(id, { status: 'failed', exit_code: 1 });
    await assert.rejects(again, withCode('history.conflict', /status ok/));
    assert.equal((await history().run(id)).status, 'ok');
    const nobody = history().finishRun('nobody', { status: 'ok', exit_code: 0 });
    await assert.rejects(nobody, withCode('history.run_unknown'));
    const orphan = history().startRun({ command: 'x', parent: 'nobody' });
    await assert.rejects(orphan, withCode('history.run_unknown'));
  });
}

function reportsAreKept(history: () => History): void {
  it('gives reports back newest first by day, then by creation, those without a day last', async () => {
    const run = await history().startRun({ command: 'reports' });
    const add = (at: string | null, version: string | null, body: unknown) =>
      history().addReport({ run, kind: 'drift', at, version, status: 'OK', body });
    await add('2025-01-02', 'v1', { n: 1 });
    await add('2025-01-03', 'v1', { n: 2 });
    await add(null, 'v1', [null, 3n]);
    await add('2025-01-02', 'v2', { n: 4 });
    const bodies = async (filter: Parameters<History['reports']>[0]) =>
      (await history().reports({ run, ...filter })).map((report) => report.body);
    assert.deepEqual(await bodies({}), [{ n: 2 }, { n: 4 }, { n: 1 }, [null, 3]]);
    assert.deepEqual(await bodies({ version: 'v1' }), [{ n: 2 }, { n: 1 }, [null, 3]]);
    assert.deepEqual(await bodies({ until: '2025-01-02' }), [{ n: 4 }, { n: 1 }]);
    assert.deepEqual(await bodies({ until: '2025-01-02', version: 'v2', kind: 'drift', limit: 1 }), [
      { n: 4 },
    ]);
    assert.deepEqual(await bodies({ kind: 'comparison' }), []);
  });

  it('keeps a long report whole and refuses one of an unknown run', async () => {
    const run = await history().startRun({ command: 'reports' });
    const body = { text: 'é😀"\n'.repeat(100_000) };
    const report = { kind: 'training', at: null, version: 'v1', status: 'ok', body } as const;
    const id = await history().addReport({ run, ...report });
    const [kept] = await history().reports({ run });
    assert.equal(kept.id, id);
    assert.deepEqual(kept.body, body);
    await assert.rejects(history().addReport({ run: 'nobody', ...report }), withCode('history.run_unknown'));
  });
}

function aliasesMove(history: () => History): void {
  it('moves an alias only from where it points, and keeps every move', async () => {
    assert.deepEqual(await history().aliases(), { champion: null, challenger: null });
    const run = await history().startRun({ command: 'promote' });
    const move = (from: string | null, to: string | null) =>
      history().moveAlias({ run, alias: 'champion', from, to, because: `${from} to ${to}` });
    await move(null, 'v1');
    await move('v1', 'v2');
    await assert.rejects(
      move('v1', 'v3'),
      withCode('history.conflict', new RegExp(`v2, moved by run ${run}`)),
    );
    await assert.rejects(move(null, 'v3'), withCode('history.conflict'));
    assert.equal(await history().alias('champion'), 'v2');
    assert.equal(await history().alias('challenger'), null);
    await move('v2', null);
    const moves = await history().aliasMoves({ alias: 'champion' });
    assert.deepEqual(
      moves.map(({ from, to, because }) => [from, to, because]),
      [
        ['v2', null, 'v2 to null'],
        ['v1', 'v2', 'v1 to v2'],
        [null, 'v1', 'null to v1'],
      ],
    );
    assert.deepEqual(await history().aliasMoves({ limit: 1 }), [moves[0]]);
  });

  it('leaves an alias alone when the move cannot be recorded', async () => {
    const orphan = history().moveAlias({
      run: 'nobody',
      alias: 'challenger',
      from: null,
      to: 'v9',
      because: 'x',
    });
    await assert.rejects(orphan, withCode('history.run_unknown'));
    assert.equal(await history().alias('challenger'), null);
    assert.deepEqual(await history().aliasMoves({ alias: 'challenger' }), []);
  });
}

function versionsRetire(history: () => History): void {
  it('lets no alias point to a retired version, and retires none that an alias ever named', async () => {
    const run = await history().startRun({ command: 'registry check' });
    const from = await history().alias('challenger');
    const move = (to: string | null, present: string | null) =>
      history().moveAlias({ run, alias: 'challenger', from: present, to, because: 'x' });
    assert.equal(await history().retireVersion({ version: 'orphan', run }), true);
    assert.equal(await history().retireVersion({ version: 'orphan', run }), true);
    await assert.rejects(
      move('orphan', from),
      withCode('history.conflict', /being removed; got retired by run/),
    );
    assert.equal(await history().alias('challenger'), from);
    await history().reinstateVersion('orphan');
    await move('orphan', from);
    await move(from, 'orphan');
    assert.equal(await history().retireVersion({ version: 'orphan', run }), false);
  });

  it('lets either the alias or the retirement win when both come at once', async () => {
    const run = await history().startRun({ command: 'race' });
    for (let round = 0; round < 20; round++) {
      const version = `race-${round}`;
      const from = await history().alias('challenger');
      const [moved, retired] = await Promise.allSettled([
        history().moveAlias({ run, alias: 'challenger', from, to: version, because: 'race' }),
        history().retireVersion({ version, run }),
      ]);
      assert.ok(retired.status === 'fulfilled');
      assert.equal(moved.status === 'fulfilled', !retired.value);
      assert.equal((await history().alias('challenger')) === version, !retired.value);
    }
  });
}

function connectionsAgree(history: () => History, place: () => HistoryPlace): void {
  it('shows another connection every write as soon as it is done', async () => {
    const other = await place().open();
    const id = await history().startRun({ command: 'shared' });
    assert.equal((await other.run(id)).command, 'shared');
    await other.finishRun(id, { status: 'ok', exit_code: 0 });
    assert.equal((await history().run(id)).status, 'ok');
    await other.close();
  });

  it('lets exactly one of many movers win', async () => {
    const connections = await Promise.all([1, 2, 3, 4].map(() => place().open()));
    const from = await history().alias('challenger');
    const run = await history().startRun({ command: 'race' });
    const results = await Promise.allSettled(
      [...connections, ...connections].map((connection, index) =>
        connection.moveAlias({ run, alias: 'challenger', from, to: `race-${index}`, because: 'race' }),
      ),
    );
    const won = results.flatMap((result, index) => (result.status === 'fulfilled' ? [`race-${index}`] : []));
    assert.deepEqual(won, [await history().alias('challenger')]);
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    lost.forEach((error) => {
      withCode('history.conflict')(error);
    });
    await Promise.all(connections.map((connection) => connection.close()));
  });

  it('shows that an unfinished run is alive, dead, or on a host where we cannot look', async () => {
    const command = 'living';
    const start = async (options: { processId?: number; host?: string }) => {
      const connection = await place().open(options);
      const id = await connection.startRun({ command });
      await connection.close();
      return id;
    };
    const mine = await start({});
    const dead = await start({ processId: 2 ** 30 });
    const elsewhere = await start({ host: 'another-host' });
    assert.equal((await history().run(mine)).alive, true);
    assert.equal((await history().run(dead)).alive, false);
    assert.deepEqual((await history().run(dead)).process.id, 2 ** 30);
    assert.equal((await history().run(elsewhere)).alive, null);
    await history().finishRun(mine, { status: 'ok', exit_code: 0 });
    assert.equal((await history().run(mine)).alive, null);
  });
}
