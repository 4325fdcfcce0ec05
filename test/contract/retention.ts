import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ReportKind } from '../../src/history/history.js';
import { tickingClock } from './assertions.js';
import type { HistoryPlace } from './history.js';

export function oldThingsAreForgotten(makePlace: () => Promise<HistoryPlace>): void {
  it('forgets what is old, and nothing that is new, referred to, or the newest of its kind', async () => {
    const place = await makePlace();
    const old = await place.open({ clock: tickingClock('2024-01-01T00:00:00Z') });
    const run = async (command: string, parent?: string) => {
      const id = await old.startRun({ command, parent });
      await old.finishRun(id, { status: 'ok', exit_code: 0 });
      return id;
    };
    const report = (id: string, kind: ReportKind, at: string | null, version: string | null) =>
      old.addReport({ run: id, kind, at, version, status: 'OK', body: {} });
    await run('forgotten');
    const whole = await run('whole');
    await run('part', whole);
    const crowned = await run('promote');
    await old.moveAlias({ run: crowned, alias: 'champion', from: null, to: 'v1', because: 'first' });
    const watched = await run('drift');
    await report(watched, 'drift', '2024-01-01', 'v1');
    const newest = await report(watched, 'drift', '2024-01-03', 'v1');
    await report(watched, 'drift', '2024-01-02', 'v1');
    const other = await report(watched, 'drift', '2024-01-01', 'v2');
    const gone = await run('decide');
    await report(gone, 'decision', null, null);
    const kept = await run('decide');
    const undated = await report(kept, 'decision', null, null);
    const unfinished = await old.startRun({ command: 'killed' });
    const at = '2024-01-01T00:00:00Z';
    await old.post([
      { kind: 'trigger', key: 'done', body: {}, at },
      { kind: 'trigger', key: 'open', body: {}, at },
      { kind: 'outcome', key: 'p1', body: {}, at },
    ]);
    await old.settle({ kind: 'trigger', positions: [1], run: await run('handler') });
    const settler = await run('joined');
    await old.settle({ kind: 'outcome', positions: [1], run: settler });
    const late = await place.open({ clock: tickingClock('2025-01-01T00:00:00Z') });
    const fresh = await late.startRun({ command: 'fresh' });
    await late.finishRun(fresh, { status: 'ok', exit_code: 0 });
    const freshReports = [
      await late.addReport({
        run: fresh,
        kind: 'drift',
        at: '2023-01-01',
        version: 'v1',
        status: 'OK',
        body: 1,
      }),
    ];

    const removed = await late.forget(new Date('2024-06-01T00:00:00Z'));
    assert.deepEqual(removed, { reports: 3, entries: 1, runs: 5 });
    const left = (await late.runs()).map(({ id }) => id).sort();
    assert.deepEqual(left, [crowned, watched, kept, unfinished, settler, fresh].sort());
    const reports = (await late.reports({})).map(({ id }) => id).sort();
    assert.deepEqual(reports, [newest, other, undated, ...freshReports].sort());
    assert.equal((await late.aliasMoves()).length, 1);
    assert.equal((await late.entries({ kind: 'trigger' }))[0].key, 'open');
    assert.equal((await late.entries({ kind: 'outcome' })).length, 1);
    assert.deepEqual(await late.forget(new Date('2024-06-01T00:00:00Z')), {
      reports: 0,
      entries: 0,
      runs: 0,
    });
    const [again] = await late.post([{ kind: 'trigger', key: 'next', body: {}, at }]);
    assert.equal(again.position, 3, 'positions are not given out again');
    await Promise.all([old.close(), late.close()]);
    await place.remove();
  });
}
