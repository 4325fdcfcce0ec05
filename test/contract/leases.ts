import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { History } from '../../src/history/history.js';
import { withCode } from './assertions.js';

export function leasesExclude(history: () => History): void {
  it('gives a lease to one at a time, and tells who holds it', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => history().acquireLease('one', 60)));
    const [fence, ...more] = all.filter((one) => one !== null);
    assert.equal(more.length, 0);
    assert.deepEqual(fence, { name: 'one', token: 1 });
    const held = await history().lease('one');
    assert.deepEqual([held?.name, held?.token, held?.process.id], ['one', 1, process.pid]);
    assert.equal(await history().lease('another'), null);
    assert.ok(await history().acquireLease('another', 60), 'names do not hinder each other');
    await history().releaseLease(fence);
    assert.equal(await history().lease('one'), null);
    assert.deepEqual(await history().acquireLease('one', 60), { name: 'one', token: 2 });
  });

  it('gives a lease away when its time is over, by the clock of the database', async () => {
    const first = await history().acquireLease('short', 0.01);
    assert.ok(first);
    assert.equal(await history().renewLease(first, 60), true);
    await sleep(30);
    assert.equal(await history().acquireLease('short', 60), null, 'it was renewed');
    await history().renewLease(first, 0.01);
    await sleep(30);
    const second = await history().acquireLease('short', 60);
    assert.deepEqual(second, { name: 'short', token: 2 });
    assert.equal(await history().renewLease(first, 60), false);
    await history().releaseLease(first);
    assert.ok(await history().lease('short'), 'a former holder gives nothing back');
  });

  it('lets a holder go on whose time is over while nobody else wants the lease', async () => {
    const fence = await history().acquireLease('late', 0.01);
    await sleep(30);
    assert.equal(await history().lease('late'), null);
    assert.equal(await history().renewLease(fence!, 60), true);
    assert.equal(await history().acquireLease('late', 60), null);
    await history().releaseLease(fence!);
    assert.equal(await history().renewLease(fence!, 60), false, 'what was given back is gone');
  });

  it('refuses every guarded write of a former holder, and does nothing of it', async () => {
    const old = await history().acquireLease('guard', 0.01);
    const run = await history().startRun({ command: 'guarded' });
    const from = await history().alias('challenger');
    await history().post([{ kind: 'swap', key: 'guarded', body: {}, at: '2025-01-01T00:00:00Z' }]);
    const writes = (fence: typeof old) => [
      () => history().moveAlias({ run, alias: 'challenger', from, to: 'g1', because: 'x' }, { fence }),
      () =>
        history().addReport(
          { run, kind: 'drift', at: null, version: null, status: 'OK', body: {} },
          { fence },
        ),
      () => history().take({ kind: 'swap', limit: 1 }, { fence }),
      () => history().settle({ kind: 'swap', positions: [1], run }, { fence }),
      () => history().finishRun(run, { status: 'ok', exit_code: 0 }, { fence }),
    ];
    await sleep(30);
    const fence = await history().acquireLease('guard', 60);
    for (const write of writes(old)) {
      await assert.rejects(write(), withCode('lease.lost', /given out again \(token 2, by process/));
    }
    assert.equal(await history().alias('challenger'), from);
    assert.deepEqual(await history().reports({ run }), []);
    assert.equal((await history().entries({ kind: 'swap' }))[0].settled, null);
    assert.equal((await history().run(run)).status, 'running');
    for (const write of writes(fence)) {
      await write();
    }
    assert.equal(await history().alias('challenger'), 'g1');
    assert.equal((await history().run(run)).status, 'ok');
    const again = await history().startRun({ command: 'back' });
    await history().moveAlias({ run: again, alias: 'challenger', from: 'g1', to: from, because: 'back' });
  });
}
