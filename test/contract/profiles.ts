import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { History } from '../../src/history/history.js';
import { addDays } from '../../src/time.js';
import { withCode } from './assertions.js';

export function profilesMerge(history: () => History): void {
  const put = (series: string, day: string, rows: number) =>
    history().putProfile({ series, window: { from: day, to: addDays(day, 1) }, body: { rows } });
  const year = { from: '2025-01-01', to: '2026-01-01' };
  const add = (profiles: { body: { rows: number } }[]) => ({
    rows: profiles.reduce((sum, { body }) => sum + body.rows, 0),
  });

  it('keeps one profile per series and day, replaced when it comes again', async () => {
    await put('v1', '2025-01-02', 1);
    await put('v1', '2025-01-01', 2);
    await put('v1', '2025-01-02', 3);
    await put('v10', '2025-01-01', 9);
    const kept = await history().profiles({ series: 'v1', window: year });
    assert.deepEqual(kept, [
      { series: 'v1', window: { from: '2025-01-01', to: '2025-01-02' }, body: { rows: 2 } },
      { series: 'v1', window: { from: '2025-01-02', to: '2025-01-03' }, body: { rows: 3 } },
    ]);
    const one = { from: '2025-01-02', to: '2025-01-03' };
    assert.equal((await history().profiles({ series: 'v1', window: one })).length, 1);
    assert.deepEqual(await history().profiles({ series: 'nobody', window: year }), []);
  });

  it('merges the days of a month into one, once, and then takes none of these days any more', async () => {
    const january = { from: '2025-01-01', to: '2025-02-01' };
    await put('v1', '2025-02-01', 5);
    assert.deepEqual(await history().profileSeries(), [
      { series: 'v1', from: '2025-01-01', merged_until: null },
      { series: 'v10', from: '2025-01-01', merged_until: null },
    ]);
    assert.equal(await history().mergeProfiles('v1', january, add), true);
    assert.deepEqual(await history().profiles({ series: 'v1', window: year }), [
      { series: 'v1', window: january, body: { rows: 5 } },
      { series: 'v1', window: { from: '2025-02-01', to: '2025-02-02' }, body: { rows: 5 } },
    ]);
    await assert.rejects(
      put('v1', '2025-01-31', 1),
      withCode('history.conflict', /from 2025-02-01 on; got one from 2025-01-31/),
    );
    assert.deepEqual((await history().profileSeries())[0], {
      series: 'v1',
      from: '2025-02-01',
      merged_until: '2025-02-01',
    });
    assert.equal(await history().mergeProfiles('nobody', january, add), false);
  });

  it('loses no day that is written while a month is merged', async () => {
    const march = { from: '2025-03-01', to: '2025-04-01' };
    await put('busy', '2025-03-01', 1);
    const days = Array.from({ length: 12 }, (_, i) => addDays('2025-03-02', i));
    const results = await Promise.allSettled([
      ...days.slice(0, 6).map((day) => put('busy', day, 1)),
      history().mergeProfiles('busy', march, add),
      ...days.slice(6).map((day) => put('busy', day, 1)),
    ]);
    const written = results.filter(({ status }) => status === 'fulfilled').length;
    const kept = await history().profiles<{ rows: number }>({ series: 'busy', window: year });
    assert.deepEqual(
      kept.map(({ body }) => body.rows),
      [written],
      'the first day and those that were accepted: all lie in the month',
    );
  });
}
