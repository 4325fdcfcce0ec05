import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { History } from '../../src/history/history.js';
import type { NewEntry } from '../../src/history/inbox.js';
import { claimSlot } from '../../src/history/slots.js';
import { withCode } from './assertions.js';

const AT = '2025-02-14T03:00:00.000Z';

export function duplicatesAreKnown(history: () => History): void {
  const entry = (key: string, more: Partial<NewEntry> = {}): NewEntry => ({
    kind: 'outcome',
    key,
    body: { churned: true },
    at: AT,
    ...more,
  });

  it('keeps what is told once under its key, and says when another body comes', async () => {
    const first = await history().post([
      entry('p1'),
      entry('p2'),
      entry('p1'),
      entry('p1', { kind: 'trigger' }),
    ]);
    assert.deepEqual(first, [
      { key: 'p1', position: 1, outcome: 'added' },
      { key: 'p2', position: 2, outcome: 'added' },
      { key: 'p1', position: 1, outcome: 'known' },
      { key: 'p1', position: 1, outcome: 'added' },
    ]);
    const second = await history().post([
      entry('p2', { body: { churned: false } }),
      entry('p3', { body: { b: [1, { d: 1, c: 2 }], a: 12n } }),
      entry('p1', { at: '2025-02-15T00:00:00.000Z' }),
    ]);
    assert.deepEqual(
      second.map(({ outcome }) => outcome),
      ['differs', 'added', 'known'],
    );
    const [again] = await history().post([entry('p3', { body: { a: 12, b: [1, { c: 2, d: 1 }] } })]);
    assert.deepEqual(again, { key: 'p3', position: 3, outcome: 'known' }, 'the order of keys means nothing');
    const [p2] = await history().entries({ kind: 'outcome', key: 'p2' });
    assert.deepEqual(p2.body, { churned: true });
    assert.equal(p2.at, AT);
    assert.equal(p2.settled, null);
    assert.deepEqual(await history().post([]), []);
  });

  it('keeps every correction of an outcome under the subject', async () => {
    const subject = 'prediction-7';
    await history().post([entry('prediction-7', { subject })]);
    await history().post([entry('prediction-7#2', { subject, body: { churned: false } })]);
    await history().post([entry('prediction-7#3', { subject })]);
    const kept = await history().entries<{ churned: boolean }>({ kind: 'outcome', subject });
    assert.deepEqual(
      kept.map(({ body }) => body.churned),
      [true, false, true],
    );
  });

  it('lists after a position', async () => {
    const all = await history().entries({ kind: 'outcome' });
    assert.deepEqual(
      all.map(({ position }) => position),
      all.map((_, i) => i + 1),
    );
    const page = await history().entries({ kind: 'outcome', after: 1, limit: 2 });
    assert.deepEqual(page, all.slice(1, 3));
    assert.deepEqual(await history().entries({ kind: 'outcome', after: all.length }), []);
  });

  it('gives positions without a gap when many tell the same things at once', async () => {
    const before = (await history().entries({ kind: 'outcome' })).length;
    const messages = Array.from({ length: 5 }, (_, i) => entry(`at-once-${i}`));
    const posted = await Promise.all(
      [0, 1, 2, 3, 4].map((turn) => history().post([...messages.slice(turn), ...messages.slice(0, turn)])),
    );
    const added = posted.flat().filter(({ outcome }) => outcome === 'added');
    assert.equal(added.length, 5);
    assert.deepEqual(
      added.map(({ position }) => position).sort((a, b) => a - b),
      [1, 2, 3, 4, 5].map((n) => before + n),
    );
  });

  it('is dealt with once, by one run', async () => {
    const [a, b] = await history().post([entry('t1', { kind: 'trigger' }), entry('t2', { kind: 'trigger' })]);
    const run = await history().startRun({ command: 'handle' });
    const other = await history().startRun({ command: 'handle' });
    const open = await history().take({ kind: 'trigger', limit: 10 });
    assert.deepEqual(
      open.map(({ key }) => key),
      ['p1', 't1', 't2'],
    );
    await history().settle({ kind: 'trigger', positions: [a.position], run });
    await history().settle({ kind: 'trigger', positions: [a.position], run });
    await assert.rejects(
      history().settle({ kind: 'trigger', positions: [b.position, a.position], run: other }),
      withCode('history.conflict', new RegExp(`run ${run} dealt with`)),
    );
    await assert.rejects(
      history().settle({ kind: 'trigger', positions: [999], run }),
      withCode('history.conflict', /no such entry/),
    );
    await assert.rejects(
      history().settle({ kind: 'trigger', positions: [b.position], run: 'nobody' }),
      withCode('history.run_unknown'),
    );
    assert.deepEqual(
      (await history().take({ kind: 'trigger', limit: 1 })).map(({ key }) => key),
      ['p1'],
    );
    const [t1, t2] = await history().entries({ kind: 'trigger', after: 1 });
    assert.equal(t1.settled?.run, run);
    assert.equal(t2.settled, null, 'a settling that failed in part did nothing');
  });

  it('takes any text but a zero character', async () => {
    const key = 'ключ "é" \' ; -- %_\\';
    await history().post([entry(key, { kind: 'swap', subject: key, body: 'a\0b' })]);
    const [kept] = await history().entries({ kind: 'swap', key });
    assert.deepEqual([kept.subject, kept.body], [key, 'a\0b']);
    await assert.rejects(history().post([entry('a\0b')]), withCode('usage.invalid', /zero character/));
    await assert.rejects(history().startRun({ command: 'a\0b' }), withCode('usage.invalid'));
  });

  it('gives a due time of the schedule to one of many, and to another when that one dies', async () => {
    const due = '2025-02-14T03:00:00.000Z';
    const claim = (seconds: number) => claimSlot(history(), { line: 'nightly', due, seconds });
    const claims = await Promise.all([claim(60), claim(60), claim(60), claim(60)]);
    const [dead, ...more] = claims.filter((one) => one !== null);
    assert.equal(more.length, 0);
    assert.equal(await claim(60), null, 'it is being run');
    await history().renewLease(dead.fence, 0.01);
    await sleep(30);
    const heir = await claim(60);
    assert.ok(heir, 'its time is over');
    const run = await history().startRun({ command: 'nightly' });
    await assert.rejects(dead.done(run), withCode('lease.lost'));
    await heir.done(run);
    assert.equal(await claim(60), null, 'it was run');
    assert.equal(await history().lease('slot:nightly'), null);
    const next = await claimSlot(history(), {
      line: 'nightly',
      due: '2025-02-15T03:00:00.000Z',
      seconds: 60,
    });
    assert.ok(next);
  });
}
