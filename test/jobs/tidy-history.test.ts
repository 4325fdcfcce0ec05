import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { tidyHistory } from '../../src/jobs/tidy-history.js';
import { mergeTables } from '../../src/monitor/profile/merge.js';
import type { ColumnProfile, TableProfile } from '../../src/monitor/profile/profile.js';
import { random } from '../../src/random.js';
import { addDays, type Day } from '../../src/time.js';
import { call, cleanUp, newProject, openIn } from './project.js';

after(cleanUp);

const chance = random('tidy');

/** A day of random whole numbers, so that sums have no rounding. */
function dayProfile(day: Day, edges = [0, 10]): TableProfile {
  const counts = [...edges, 0].map(() => chance.integer(100));
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const column: ColumnProfile = {
    name: 'minutes',
    bins: { kind: 'numeric', edges, coarse: [0, 1, 2], coarse_labels: ['a', 'b', 'c'], range: [0, 20] },
    rows: rows + 3,
    nulls: 3,
    counts,
    moments: {
      finite: rows,
      pivot: 5,
      sum: chance.integer(1000),
      sum_squares: chance.integer(100_000),
      min: -chance.integer(9),
      max: chance.integer(30),
      below: chance.integer(5),
      above: chance.integer(5),
    },
    unseen: [],
    groups: null,
  };
  return {
    schema: 1,
    rows: rows + 3,
    units: 7,
    window: { from: day, to: addDays(day, 1) },
    columns: [column],
  };
}

it('merges months that are over for long, exactly, and leaves the young days as they are', async () => {
  const project = await newProject();
  const clock = () => new Date('2025-06-15T12:00:00Z');
  const on = await openIn(project.root, { clock });
  const days = Array.from({ length: 166 }, (_, i) => addDays('2025-01-01', i)).filter(
    (day) => day !== '2025-02-10',
  );
  const all: TableProfile[] = [];
  for (const day of days) {
    const body = dayProfile(day);
    all.push(body);
    await on.history.putProfile({ series: 'v1', window: body.window!, body });
  }
  const other = dayProfile('2025-01-05');
  await on.history.putProfile({ series: 'other', window: other.window!, body: other });
  const year = { from: '2025-01-01', to: '2026-01-01' };
  const whole = async () =>
    (await on.history.profiles<TableProfile>({ series: 'v1', window: year }))
      .map(({ body }) => body)
      .reduce(mergeTables);
  const before = await whole();

  const tidied = await tidyHistory(on);
  assert.equal(tidied.merged_before, '2025-03-01', '92 days before the 15th of June lie in March');
  assert.deepEqual(
    tidied.months.map(({ series, month }) => `${series} ${month}`),
    ['other 2025-01', 'v1 2025-01', 'v1 2025-02'],
  );
  const kept = await on.history.profiles<TableProfile>({ series: 'v1', window: year });
  assert.deepEqual(
    kept.slice(0, 3).map(({ window }) => window),
    [
      { from: '2025-01-01', to: '2025-02-01' },
      { from: '2025-02-01', to: '2025-03-01' },
      { from: '2025-03-01', to: '2025-03-02' },
    ],
  );
  assert.deepEqual(kept[0].body, { ...all.slice(0, 31).reduce(mergeTables), window: kept[0].window });
  assert.deepEqual((await whole()).columns, before.columns, 'what is merged later comes out the same');
  assert.deepEqual((await tidyHistory(on)).months, []);
});

it('leaves a month in days whose bins changed, says so, and goes on with the next', async () => {
  const project = await newProject();
  const on = await openIn(project.root, { clock: () => new Date('2025-12-15T12:00:00Z') });
  for (const [day, edges] of [
    ['2025-01-01', [0, 10]],
    ['2025-01-02', [0, 11]],
    ['2025-02-01', [0, 11]],
  ] as [Day, number[]][]) {
    const body = dayProfile(day, edges);
    await on.history.putProfile({ series: 'v1', window: body.window!, body });
  }
  const tidied = await tidyHistory(on);
  assert.deepEqual(
    tidied.unmerged.map(({ month, because }) => [month, /different bins/.test(because)]),
    [['2025-01', true]],
  );
  assert.deepEqual(tidied.months, [{ series: 'v1', month: '2025-02' }]);
  assert.equal(
    (await on.history.profiles({ series: 'v1', window: { from: '2025-01-01', to: '2025-02-01' } })).length,
    2,
  );
});

it('forgets what is older than history.keep_days', async () => {
  const project = await newProject({ history: { keep_days: 10 } });
  const old = await openIn(project.root, { clock: () => new Date('2025-01-01T00:00:00Z') });
  const run = await old.history.startRun({ command: 'drift' });
  await old.history.finishRun(run, { status: 'ok', exit_code: 0 });
  const late = (day: string) => openIn(project.root, { clock: () => new Date(`${day}T12:00:00Z`) });
  assert.equal((await tidyHistory(await late('2025-01-11'))).runs, 0);
  assert.equal((await tidyHistory(await late('2025-01-12'))).runs, 1);
  const told = await call(project.root, ['history', 'tidy']);
  assert.equal(told.code, 0);
  assert.match(told.out, /merged 0 months; removed 0 reports, 2 runs, 0 messages/);
});
