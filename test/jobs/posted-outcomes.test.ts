import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { openSqliteHistory } from '../../src/history/sqlite/open.js';
import { evaluatePredictions } from '../../src/jobs/evaluate.js';
import { scoreDay } from '../../src/jobs/score.js';
import type { Project } from '../../src/open.js';
import { buildApp } from '../../src/serve/app.js';
import { openSpool } from '../../src/serve/history/spool.js';
import { addDays } from '../../src/time.js';
import { servingOf } from '../serve/parts.js';
import { championProject, cleanUp, copyOf, QUICK, STORY } from './project.js';

const MATURE = addDays(STORY.scored, 30);

let project: Project;
before(async () => {
  project = await championProject();
  await scoreDay(project, { date: STORY.scored, at: null, version: 'champion' });
});
after(cleanUp);

/** The API of a server whose clock stands still, over the history of a project. */
async function apiOn(place: Project, time: string) {
  const clock = () => new Date(time);
  const history = await openSqliteHistory({ path: join(place.root, 'artifacts/history.db'), clock });
  const log = { info: () => undefined, error: () => undefined };
  const folder = join(place.root, 'data/spool');
  const spool = await openSpool({ folder, inbox: history, most: 100, retryMilliseconds: 100, clock, log });
  const app = buildApp({ ...servingOf({ model: null }), spool, clock }, { logLines: null });
  return {
    post: async (outcomes: object[]) => {
      const answer = await app.inject({ method: 'POST', url: '/outcomes', payload: { outcomes } });
      return { status: answer.statusCode, ...answer.json() };
    },
    close: async () => {
      await app.close();
      await spool.close();
      await history.close();
    },
  };
}

test('what POST /outcomes told is evaluated as it was known on a day, corrections included', async () => {
  const copy = await copyOf(project, { ...QUICK, evaluation: { draws: 300, posted_outcomes: true } });
  const labels = readTable(await copy.engine(), copy.layout.labelsDaily);
  const known = await (await copy.engine()).rows<{ user_id: number; churn_label: number }>(
    sql`SELECT user_id, churn_label FROM ${labels} WHERE as_of_date = CAST(${STORY.scored} AS DATE) ORDER BY user_id`,
  );
  const nothing = await evaluatePredictions(copy, { at: MATURE, date: STORY.scored });
  assert.equal(nothing.counts.matched, 0, 'who was not told of is nobody who stayed');

  const outcomes = known.map(({ user_id, churn_label }) => ({
    user_id,
    as_of_date: STORY.scored,
    churned: churn_label === 1,
  }));
  const first = await apiOn(copy, `${MATURE}T10:00:00Z`);
  assert.deepEqual(await first.post(outcomes), {
    status: 200,
    added: outcomes.length,
    known: 0,
    spooled: 0,
    conflicts: [],
  });
  assert.equal((await first.post(outcomes)).known, outcomes.length, 'again changes nothing');
  const churned = outcomes.filter(({ churned, user_id }) => churned && user_id % 3 === 0);
  const corrections = churned.map((outcome) => ({ ...outcome, churned: false }));
  const conflict = await first.post(corrections.slice(0, 1));
  assert.deepEqual(conflict.conflicts, [`${churned[0].user_id} ${STORY.scored} 0`]);
  await first.close();
  const later = await apiOn(copy, `${addDays(MATURE, 7)}T10:00:00Z`);
  await later.post(corrections.map((outcome) => ({ ...outcome, revision: 1 })));
  await later.close();

  const derived = await evaluatePredictions(project, { at: MATURE, date: STORY.scored });
  const onTime = await evaluatePredictions(copy, { at: MATURE, date: STORY.scored });
  assert.deepEqual(
    [onTime.counts.matched, onTime.positives, onTime.pr_auc, onTime.roc_auc],
    [derived.counts.matched, derived.positives, derived.pr_auc, derived.roc_auc],
  );
  const corrected = await evaluatePredictions(copy, { at: addDays(MATURE, 7), date: STORY.scored });
  assert.ok(corrected.positives < onTime.positives && corrected.positives > 0);
  assert.equal(corrected.counts.matched, onTime.counts.matched);
  assert.deepEqual(await evaluatePredictions(copy, { at: MATURE, date: STORY.scored }), onTime, 'repeatable');
});

test('what is no outcome is refused by name', async () => {
  const api = await apiOn(project, `${MATURE}T10:00:00Z`);
  const good = { user_id: 'anna', as_of_date: STORY.scored, churned: 1 };
  for (const [wrong, field] of [
    [{ ...good, as_of_date: '2025-02-30' }, 'outcomes[0].as_of_date'],
    [{ ...good, happened_at: 'yesterday' }, 'outcomes[0].happened_at'],
    [{ ...good, churned: 'yes' }, 'outcomes.0.churned'],
    [{ user_id: 1, as_of_date: STORY.scored }, 'outcomes.0.churned'],
    [{ ...good, extra: 1 }, 'outcomes.0.extra'],
  ] as const) {
    const { status, errors } = await api.post([wrong]);
    assert.equal(status, 400);
    assert.equal(errors[0].field, field);
  }
  assert.equal((await api.post([])).status, 400);
  await api.close();
});
