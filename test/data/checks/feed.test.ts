import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Validation } from '../../../src/data/steps/validate.js';
import { sha256OfFile } from '../../../src/files.js';
import { generate } from '../../../src/jobs/generate.js';
import { refreshData } from '../../../src/jobs/run-steps.js';
import type { Project } from '../../../src/open.js';
import { call, cleanUp, copyOf, newProject, writeConfig } from '../../jobs/project.js';

const YEAR = { start: '2025-01-01', days: 120, users: 400, seed: 9, preset: 'default', drift: [] } as const;
const LAST = '2025-04-30';

describe('a broken feed', () => {
  let project: Project;
  before(async () => {
    project = await newProject({});
    await generate(project, YEAR);
    await refreshData(project, {});
  });
  after(cleanUp);

  const outputs = ({ layout }: Project) =>
    Promise.all(
      [layout.userDaily, layout.userFeaturesDaily, layout.labelsDaily, layout.trainingDataset].map(
        sha256OfFile,
      ),
    );

  /** Stops before anything is made of it, and tells why in a table and as JSON. */
  async function assertStopped(on: Project, because: RegExp, checks: string[]): Promise<void> {
    const made = await outputs(on);
    const run = await call(on.root, ['run']);
    assert.equal(run.code, 65, run.err);
    assert.match(run.err, because);
    assert.deepEqual(await outputs(on), made);
    const table = await call(on.root, ['validate']);
    assert.equal(table.code, 65);
    assert.match(table.out, /^FAIL {2}\d errors, \d warnings\nseverity +check +source +rows +what is wrong/);
    assert.match(table.out, because);
    assert.equal(table.err, '');
    const told = await call(on.root, ['validate', '--json']);
    assert.equal(told.code, 65);
    const { status, problems } = told.json<Validation & Record<string, unknown>>();
    assert.equal(status, 'FAIL');
    assert.deepEqual(
      problems.map(({ check }) => check),
      checks,
    );
    const written = JSON.parse(await readFile(on.layout.metrics('validation_latest.json'), 'utf8'));
    assert.deepEqual([written.status, written.problems], [status, problems]);
  }

  it('a clean one passes', async () => {
    const { code, out } = await call(project.root, ['validate']);
    assert.deepEqual([code, out], [0, 'OK  0 errors, 0 warnings\n']);
  });

  it('one that loses most events stops the pipeline and leaves the tables of yesterday', async () => {
    const on = await copyOf(project);
    await generate(on, { ...YEAR, drift: [{ kind: 'feed', date: LAST }] });
    await assertStopped(on, /expected about \d+ events on 2025-04-30, as usual .*; got \d+ \(\d\d %\)/, [
      'volume',
    ]);
  });

  it('a last day that was cut does too, and its hour is told', async () => {
    const on = await copyOf(project, { sources: { events: { where: `event_time < '${LAST} 08:00:00'` } } });
    await assertStopped(on, /on 2025-04-30, as usual/, ['last_day', 'volume']);
    await writeConfig(on.root, {
      sources: { events: { where: `event_time < '${LAST} 08:00:00'` } },
      checks: { volume: 'off', last_day: 'error' },
    });
    await assertStopped(on, /events of 2025-04-30 until \d\d:\d\d at least.* got the last at 07:\d\d/, [
      'last_day',
    ]);
  });

  it('one type that stays away is told by its name', async () => {
    const where = `event_time < '${LAST}' OR event_type <> 'video_watch'`;
    const on = await copyOf(project, { sources: { events: { where } } });
    await assertStopped(on, /events of type "video_watch" on 2025-04-30.*got 0 \(0 %\)/, ['volume']);
  });

  it('who knows that the day is right is told what to set, and goes on', async () => {
    const where = `event_time < '${LAST}' OR event_type <> 'video_watch'`;
    const on = await copyOf(project, { sources: { events: { where } } });
    const { err } = await call(on.root, ['run']);
    assert.match(
      err,
      /; mend the sources, or where they are right set checks\.volume: warning \[data\.invalid\]/,
    );
    await writeConfig(on.root, { sources: { events: { where } }, checks: { volume: 'warning' } });
    const { code } = await call(on.root, ['run']);
    assert.equal(code, 0);
  });

  it('people who do half as much are no broken feed: it is told, and drift judges it', async () => {
    const on = await copyOf(project);
    await generate(on, { ...YEAR, drift: [{ kind: 'shift', date: LAST, strength: 0.5 }] });
    const { code, err, out } = await call(on.root, ['validate', '--json']);
    assert.equal(code, 0, `${err}${out}`);
  });

  it('days that are missing are counted, with examples', async () => {
    const where = `CAST(event_time AS DATE) NOT IN ('2025-03-11', '2025-03-12', '2025-04-02')`;
    const on = await copyOf(project, { sources: { events: { where } } });
    const { code, out } = await call(on.root, ['validate', '--json']);
    const { problems } = JSON.parse(out) as Validation;
    assert.equal(code, 0);
    assert.deepEqual(
      problems.map(({ check, severity, examples }) => [check, severity, examples]),
      [['gaps', 'warning', ['2025-03-11', '2025-03-12', '2025-04-02']]],
    );
    assert.match(problems[0].message, /got 3 days without any/);
  });
});
