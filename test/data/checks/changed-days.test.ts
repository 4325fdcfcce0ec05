import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import fc from 'fast-check';
import type { Problem } from '../../../src/data/checks/check.js';
import type { Rebuild } from '../../../src/data/refresh/plan.js';
import { readJson } from '../../../src/files.js';
import { addDays } from '../../../src/time.js';
import type { Row } from '../project.js';
import { type Log, refreshedProject } from '../refresh/refreshed-project.js';

const DAYS = 8;
const FIRST_DAY = '2025-12-01';
const project = await refreshedProject({ features: { windows: [3, 7], ratios: {} } });
after(() => project.close());

const USERS: Row[] = [1, 2, 3].map((user_id) => ({
  user_id,
  signup_date: FIRST_DAY,
  plan: 'free',
  is_paid: 0,
  country: 'DE',
  marketing_source: 'seo',
}));

/** What `validate` says of the events, whether it stops there or not. */
async function problemsOf(events: Row[], rebuild?: Rebuild): Promise<Problem[]> {
  const log: Log = { users: USERS, events };
  const stopped = await project.run(log, undefined, rebuild, ['validate']).then(
    () => null,
    (error) => error as { code?: string },
  );
  assert.ok(stopped === null || stopped.code === 'data.invalid', String(stopped));
  const { problems } = await readJson<{ problems: Problem[] }>(
    project.layout.metrics('validation_latest.json'),
  );
  return problems;
}

function event(event_id: number, day: number | null): Row {
  return {
    event_id,
    user_id: 1 + (event_id % 3),
    event_type: 'login',
    watch_minutes: null,
    quiz_score: null,
    event_time: day === null ? null : `${addDays(FIRST_DAY, day)}T10:00:00Z`,
  };
}

const START = Array.from({ length: 4 * DAYS }, (_, i) => event(i, i % DAYS));
const day = fc.option(fc.nat(DAYS), { freq: 8 });
const at = fc.nat(1000);
const edits = fc.array(
  fc.oneof(
    // Some ids are there already, on this day, on another one, or without a day.
    fc.record({ kind: fc.constant('add' as const), id: fc.nat(6 * DAYS), day }),
    fc.record({ kind: fc.constant('move' as const), at, day }),
    fc.record({ kind: fc.constant('remove' as const), at }),
  ),
  { minLength: 3, maxLength: 5 },
);

it('finds the repeated ids of all events where it looks only at those of changed days', async () => {
  let repeated = 0;
  const findsTheSame = async (all: typeof edits extends fc.Arbitrary<infer Edits> ? Edits : never) => {
    let events = START;
    await problemsOf(events, 'all');
    for (const edit of all) {
      events =
        edit.kind === 'add'
          ? [...events, event(edit.id, edit.day)]
          : events.flatMap((row, i) =>
              i !== edit.at % events.length
                ? [row]
                : edit.kind === 'move'
                  ? [event(Number(row.event_id), edit.day)]
                  : [],
            );
      const found = await problemsOf(events);
      const before = await readJson(project.layout.metrics('validation_latest.json'));
      assert.deepEqual(found, await problemsOf(events, 'all'));
      assert.deepEqual(await readJson(project.layout.metrics('validation_latest.json')), before);
      repeated += found.some(({ check }) => check === 'duplicates') ? 1 : 0;
    }
  };
  await fc.assert(fc.asyncProperty(edits, findsTheSame), { numRuns: 4, seed: 7 });
  assert.ok(repeated > 3, `${repeated} of the logs had repeated ids`);
});
