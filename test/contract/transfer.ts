import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { History } from '../../src/history/history.js';
import { MIGRATIONS } from '../../src/history/migrations/index.js';
import { tickingClock, withCode } from './assertions.js';
import type { HistoryPlace } from './history.js';

export async function linesOf(history: History): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of history.exported()) {
    lines.push(line);
  }
  return lines;
}

export async function* given(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** A history with rows in every table. */
export async function fill(history: History, reports = 3): Promise<void> {
  const run = await history.startRun({ command: 'retrain', at: '2025-01-01' });
  const part = await history.startRun({ command: 'train', parent: run });
  for (let number = 0; number < reports; number++) {
    const body = { number, text: 'é😀"\u0000\n' };
    await history.addReport({
      run: part,
      kind: 'training',
      at: null,
      version: `v${number}`,
      status: 'ok',
      body,
    });
  }
  await history.moveAlias({ run, alias: 'champion', from: null, to: 'v1', because: 'first' });
  await history.finishRun(part, { status: 'failed', exit_code: 1, error: { code: 'crash', message: 'x' } });
  await history.acquireLease('jobs', 60);
  const at = '2025-01-01T00:00:00Z';
  await history.post([
    { kind: 'trigger', key: 'a', body: { n: 1 }, at },
    { kind: 'outcome', key: 'Z', subject: 'z', body: null, at },
  ]);
  await history.settle({ kind: 'trigger', positions: [1], run });
  await history.putProfile({
    series: 'v1',
    window: { from: '2025-01-01', to: '2025-01-02' },
    body: { rows: 1 },
  });
  await history.mergeProfiles('v1', { from: '2025-01-01', to: '2025-02-01' }, () => ({ rows: 1 }));
}

export function exportsAreWhole(makePlace: () => Promise<HistoryPlace>): void {
  it('exports every record and fills an empty history with them, or does nothing', async () => {
    const [from, to] = [await makePlace(), await makePlace()];
    const history = await from.open({ clock: tickingClock() });
    await fill(history, 450);
    const lines = await linesOf(history);
    const target = await to.open();
    const wrong: [string[], RegExp][] = [
      [lines.slice(0, -1), /cut off/],
      [[], /line 1.*cut off/],
      [lines.slice(1), /line 1.*kind "row"/],
      [[...lines.slice(0, 5), ...lines.slice(6)], /rows of reports where 450 were exported/],
      [[...lines, lines[3]], /line \d+.*at that place/],
      [[lines[0], '{"runs":{"id":1}}', ...lines.slice(1)], /runs.id that is no text/],
      [[lines[0], '{"strangers":{}}'], /strangers/],
      [[lines[0], '{"runs":'], /JSON/],
      [[lines[0], 'null'], /null/],
      [[lines[0], lines[1], ...lines.slice(1)], /fit to each other/],
      [[lines[0], ...lines.slice(3)], /fit to each other/],
    ];
    for (const [bad, text] of wrong) {
      await assert.rejects(target.imported(given(bad)), withCode('data.invalid', text));
    }
    const newer = lines[0].replace(`"schema":${MIGRATIONS.length}`, `"schema":${MIGRATIONS.length + 1}`);
    await assert.rejects(target.imported(given([newer])), withCode('history.newer', /churn-mlops/));
    assert.deepEqual(await target.runs(), []);
    const counts = await target.imported(given(lines));
    assert.deepEqual([counts.runs, counts.reports, counts.aliases], [2, 450, 2]);
    assert.deepEqual(await linesOf(target), lines);
    await assert.rejects(target.imported(given(lines)), withCode('history.conflict', /rows in runs/));
    const [run] = await target.runs({ command: 'retrain' });
    await target.moveAlias({ run: run.id, alias: 'champion', from: 'v1', to: 'v2', because: 'goes on' });
    assert.equal((await target.post([{ kind: 'trigger', key: 'b', body: {}, at: 'now' }]))[0].position, 2);
    await Promise.all([history.close(), target.close()]);
    await Promise.all([from.remove(), to.remove()]);
  });

  it('exports one moment, whatever is written meanwhile', async () => {
    const place = await makePlace();
    const [history, writer] = [await place.open({ clock: tickingClock() }), await place.open()];
    await fill(history, 300);
    const before = await linesOf(history);
    const seen: string[] = [];
    for await (const line of history.exported()) {
      seen.push(line);
      if (seen.length % 100 === 1) {
        const run = await writer.startRun({ command: 'meanwhile' });
        await writer.addReport({ run, kind: 'drift', at: null, version: null, status: 'OK', body: {} });
      }
    }
    assert.deepEqual(seen, before);
    await Promise.all([history.close(), writer.close()]);
    await place.remove();
  });
}
