import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock } from '../../src/history/lock.js';
import { withCode } from './assertions.js';

export interface LockPlace {
  /** Another lock on the same thing, as another process would open it. */
  open(patienceSeconds: number): Promise<Lock>;
  /** Starts a process that holds the lock until it is killed; resolved once it holds it. */
  holdElsewhere(): Promise<{ kill(): Promise<void> }>;
  remove(): Promise<void>;
}

/** What the lock of jobs must do on every back end. */
export function lockContract(adapter: string, makePlace: () => Promise<LockPlace>): void {
  describe(`the lock contract on ${adapter}`, () => {
    let place: LockPlace;
    before(async () => {
      place = await makePlace();
    });
    after(() => place.remove());

    it('is held by one at a time, each after the other', async () => {
      const locks = await Promise.all([1, 2, 3].map(() => place.open(30)));
      let holders = 0;
      let turns = 0;
      const work = async (lock: Lock) => {
        const held = await lock.acquire({});
        holders++;
        turns++;
        assert.equal(holders, 1);
        await sleep(10);
        assert.equal(held.signal.aborted, false);
        holders--;
        await held.release();
      };
      await Promise.all([...locks, ...locks].map(work));
      assert.equal(turns, 6);
    });

    it('tells once that it waits, gives up when the patience is over, and says who holds it', async () => {
      const [mine, theirs] = [await place.open(30), await place.open(0.2)];
      const held = await mine.acquire({});
      let told = 0;
      await assert.rejects(
        theirs.acquire({ onWait: () => told++ }),
        withCode('lock.held', /process \d+ on .*, for the 0.2 s|another one, for the 0.2 s/),
      );
      assert.equal(told, 1);
      await held.release();
      await (await theirs.acquire({ onWait: () => told++ })).release();
      assert.equal(told, 1);
    });

    it('stops waiting when asked to', async () => {
      const [mine, theirs] = [await place.open(30), await place.open(30)];
      const held = await mine.acquire({});
      const abort = new AbortController();
      const waiting = theirs.acquire({ signal: abort.signal, onWait: () => abort.abort() });
      await assert.rejects(waiting, withCode('work.cancelled'));
      await held.release();
      await (await mine.acquire({})).release();
    });

    it('comes back from a holder that was killed', async () => {
      const lock = await place.open(60);
      const holder = await place.holdElsewhere();
      let waited = false;
      const acquiring = lock.acquire({
        onWait: () => {
          waited = true;
        },
      });
      while (!waited) {
        await sleep(10);
      }
      await holder.kill();
      await (await acquiring).release();
    });
  });
}
