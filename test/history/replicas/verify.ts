import assert from 'node:assert/strict';
import type { History } from '../../../src/history/history.js';
import type { Entry, EntryKind } from '../../../src/history/inbox.js';
import type { Played } from './play.js';

/** Everything that was acknowledged is there, and nothing is there twice. @returns how many of each there are */
export async function verify(history: History, { notes }: Played): Promise<Record<string, number>> {
  const of = (kind: string) => notes.filter(([first]) => first === kind).map(([, ...facts]) => facts);
  const runs = await history.runs();
  const reports = await history.reports<{ unique: string }>({});
  once(runs.map(({ command }) => command));
  once(reports.map(({ body }) => body.unique));
  holds(
    runs.map(({ id }) => id),
    of('run').map(([id]) => id),
  );
  holds(
    runs.filter(({ status }) => status === 'ok').map(({ id }) => id),
    of('finished').map(([id]) => id),
  );
  holds(
    reports.map(({ id }) => id),
    of('report').map(([id]) => id),
  );
  assert.deepEqual(of('no-champion'), []);
  const moves = await expectChain(history, of('moved'));
  const outcomes = await history.entries({ kind: 'outcome' });
  const triggers = await history.entries({ kind: 'trigger' });
  expectPosted('outcome', outcomes, notes);
  expectPosted('trigger', triggers, notes);
  const settled = of('settled').map(([, position, run]) => `${position} by ${run}`);
  once(of('settled').map(([, position]) => position));
  holds(
    triggers.map(({ position, settled: by }) => `${position} by ${by?.run}`),
    settled,
  );
  const slots = await history.entries({ kind: 'slot' });
  once(of('slot').map(([due]) => due));
  holds(
    slots.map(({ at, settled: by }) => `${at} ${by?.run}`),
    of('slot').map(([due, run]) => `${due} ${run}`),
  );
  return {
    runs: runs.length,
    reports: reports.length,
    moves,
    outcomes: outcomes.length,
    triggers: triggers.length,
    triggers_handled: triggers.filter((trigger) => trigger.settled !== null).length,
    slots: slots.filter((slot) => slot.settled !== null).length,
    refused: of('refused').length,
  };
}

/** The champion's moves form one line from nothing to the present one, with every acknowledged move in it. */
async function expectChain(history: History, acknowledged: string[][]): Promise<number> {
  const moves = (await history.aliasMoves({ alias: 'champion' })).toReversed();
  const targets = moves.map(({ to }) => to!);
  once(targets);
  assert.deepEqual(
    moves.map(({ from }) => from),
    [null, ...targets.slice(0, -1)],
  );
  assert.equal(await history.alias('champion'), targets.at(-1));
  holds(
    targets,
    acknowledged.map(([to]) => to),
  );
  return moves.length;
}

/** Positions have no gap, acknowledged ones are what was told, and nothing is there that nobody meant to post. */
function expectPosted(kind: EntryKind, entries: readonly Entry[], notes: string[][]): void {
  const of = (verb: string) => notes.filter(([first, what]) => first === verb && what === kind);
  assert.deepEqual(
    entries.map(({ position }) => position),
    entries.map((_, i) => i + 1),
  );
  holds(
    entries.map(({ key, position }) => `${key} ${position}`),
    of('posted').map(([, , key, position]) => `${key} ${position}`),
  );
  holds(
    of('means').map(([, , key]) => key),
    entries.map(({ key }) => key),
  );
  once(entries.map(({ key }) => key));
}

function holds(all: readonly string[], wanted: readonly string[]): void {
  const set = new Set(all);
  assert.deepEqual(
    wanted.filter((one) => !set.has(one)),
    [],
  );
}

function once(all: readonly string[]): void {
  assert.equal(new Set(all).size, all.length, 'something is there twice');
}
