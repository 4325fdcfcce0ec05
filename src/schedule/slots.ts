import type { LineName } from '../config/schedule.js';
import type { History } from '../history/history.js';
import type { Entry } from '../history/inbox.js';

/** What became of due times of a line. */
export type SlotOutcome = 'missed' | 'skipped' | 'begin';

/** Reads which due times of a line are on record, each entry once. */
export function slotReader(history: Pick<History, 'entries'>, line: LineName): () => Promise<number[]> {
  const known = new Set<number>();
  let after = 0;
  return async () => {
    const entries: Entry<{ due: string }>[] = await history.entries({ kind: 'slot', subject: line, after });
    for (const { body, position } of entries) {
      known.add(Date.parse(body.due));
      after = position;
    }
    return [...known];
  };
}

/**
 * Puts on record that due times of a line were not run, and why: once, however many schedulers notice it.
 * @returns those that nobody had noted before
 */
export async function noteSlots(
  history: History,
  {
    line,
    outcome,
    dues,
    because,
  }: { line: LineName; outcome: SlotOutcome; dues: readonly Date[]; because: string },
): Promise<Date[]> {
  // What is skipped is nobody's any more. What is missed has a key of its own: should only the clock have been wrong, the
  // due time can still be claimed when it comes.
  const prefix = outcome === 'skipped' ? '' : `${outcome} `;
  const entries = dues.map((due) => ({
    kind: 'slot' as const,
    key: `${prefix}${line} ${due.toISOString()}`,
    subject: line,
    body: { due: due.toISOString(), outcome },
    at: due.toISOString(),
  }));
  const posted = await history.post(entries);
  const added = posted.filter((entry) => entry.outcome === 'added');
  if (added.length === 0) {
    return [];
  }
  const run = await history.startRun({ command: 'schedule' });
  const positions = added.map(({ position }) => position);
  await history.settle({ kind: 'slot', positions, run }, { fence: null });
  const noted = dues.filter((_, i) => posted[i].outcome === 'added');
  await history.finishRun(
    run,
    {
      status: outcome === 'begin' ? 'ok' : 'attention',
      exit_code: 0,
      result: { line, outcome, because, due: noted.map((due) => due.toISOString()) },
    },
    { fence: null },
  );
  return noted;
}
