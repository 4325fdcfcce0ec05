import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { decideRetrain } from '../../src/jobs/decide.js';
import { checkDrift } from '../../src/jobs/drift.js';
import { evaluatePredictions } from '../../src/jobs/evaluate.js';
import { promote } from '../../src/jobs/promote.js';
import { rollback } from '../../src/jobs/rollback.js';
import { refreshData } from '../../src/jobs/run-steps.js';
import { scoreDay } from '../../src/jobs/score.js';
import { tidyHistory } from '../../src/jobs/tidy-history.js';
import { trainVersion } from '../../src/jobs/train.js';
import { cleanUp, openIn, preparedProject } from './project.js';

after(cleanUp);

it('a clock that runs backwards breaks nothing: jobs end, moves keep their order, every day is the one asked for', async () => {
  const made = await preparedProject({ settings: { days: 240, users: 200 }, at: '2025-06-30', drift: [] });
  // Each reading is an hour before the last; in between it lies before the newest event.
  let time = Date.parse('2025-08-31T12:00:00Z');
  const clock = () => {
    time -= 3_600_000;
    return new Date(time);
  };
  const project = await openIn(made.root, { clock });
  const first = await trainVersion(project, { at: '2025-06-30', trainer: 'linear' });
  await promote(project, { version: first.version, force: false, at: '2025-06-30' });
  await refreshData(project, { at: '2025-07-30' });
  const second = await trainVersion(project, { at: '2025-07-30', trainer: 'linear' });
  await promote(project, { version: second.version, force: true, at: '2025-07-30' });
  assert.equal(
    (await scoreDay(project, { date: '2025-07-01', at: null, version: 'champion' })).date,
    '2025-07-01',
  );
  const drifted = await checkDrift(project, { at: null, refresh: false });
  const judged = await evaluatePredictions(project, { at: null, date: null });
  const decision = await decideRetrain(project, { at: null });
  const back = await rollback(project, { because: 'test' });
  await tidyHistory(project);

  // The clock stands on or before the last day, 2025-08-28, which then is not over.
  assert.match(String(decision.at), /^2025-08-2[78]$/);
  assert.ok(['OK', 'WARN', 'FAIL', 'INSUFFICIENT'].includes(drifted.status));
  assert.equal(judged.prediction_date, '2025-07-01');
  assert.equal(back.version, first.version);
  const moves = await project.history.aliasMoves({ alias: 'champion' });
  assert.deepEqual(
    moves.map(({ to }) => to),
    [first.version, second.version, first.version],
  );
  const runs = await project.history.runs();
  assert.ok(runs.length >= 10);
  assert.deepEqual(
    runs.filter(({ status }) => status === 'running' || status === 'failed'),
    [],
  );
  const held = await project.lock.acquire({});
  await held.release();
});
