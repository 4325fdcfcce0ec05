import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { raw, sql } from '../../../src/data/engine/sql.js';
import { ChurnError } from '../../../src/error.js';
import { sha256OfFile } from '../../../src/files.js';
import { addDays } from '../../../src/time.js';
import { csv, type Row, testProject } from '../project.js';
import { smallWorld } from './small-world.js';

const WORLD = smallWorld(21, 40);
const SETTINGS = {
  sources: { users: { files: 'users.csv' }, events: { files: 'events.csv' } },
  label: { kind: 'inactivity', horizon_days: 5 },
  population: 'all',
  training: { sampling: 'all', complete_windows: false },
};
const FILES = { 'users.csv': csv(WORLD.users as Row[]), 'events.csv': csv(WORLD.eventRows) };

describe('steps leave whole files or none', () => {
  it('a failing step leaves the previous output and no temporary file', async () => {
    const project = await testProject(SETTINGS, FILES);
    await project.run('prepare', 'features', 'labels', 'training-set');
    const before = await sha256OfFile(project.layout.userDaily);
    const broken = WORLD.eventRows.map((row, i) => (i === 100 ? { ...row, watch_minutes: 'many' } : row));
    await writeFile(join(project.root, 'events.csv'), csv(broken));
    await assert.rejects(
      project.run('prepare'),
      (error: ChurnError) =>
        error instanceof ChurnError && error.code === 'data.column_type' && /many/.test(error.message),
    );
    assert.equal(await sha256OfFile(project.layout.userDaily), before);
    assert.deepEqual((await readdir(dirname(project.layout.userDaily))).sort(), [
      'labels_daily.parquet',
      'user_daily.parquet',
    ]);
    await project.close();
  });

  it('steps name the step that has to run before them', async () => {
    const project = await testProject(SETTINGS, FILES);
    for (const [step, needed] of [
      ['features', 'prepare'],
      ['labels', 'prepare'],
      ['training-set', 'features'],
    ]) {
      await assert.rejects(
        project.run(step),
        (error: ChurnError) =>
          error.code === 'input.missing' && error.message.includes(`churn-mlops ${needed}\``),
      );
    }
    await project.close();
  });

  it('a cancelled step stops and leaves nothing', async () => {
    const project = await testProject(SETTINGS, FILES);
    const { prepare } = await import('../../../src/data/steps/prepare.js');
    const { config, layout, engine } = project;
    await assert.rejects(
      prepare.run({ config, layout, engine, at: null, now: new Date(), signal: AbortSignal.abort() }),
      (error: ChurnError) => error.code === 'work.cancelled',
    );
    assert.deepEqual(await readdir(dirname(layout.userDaily)).catch(() => []), []);
    await project.close();
  });

  it('a killed prepare leaves the old table; the next run completes and removes what it left', async () => {
    const project = await testProject(SETTINGS, FILES);
    await project.run('prepare');
    const folder = dirname(project.layout.userDaily);
    const before = await sha256OfFile(project.layout.userDaily);
    await bigSource(project);

    const child = fork(fileURLToPath(new URL('./prepare-child.js', import.meta.url)), [
      project.root,
      JSON.stringify(SETTINGS),
    ]);
    await temporaryIn(folder, child.pid as number);
    child.kill('SIGKILL');
    await once(child, 'exit');

    assert.equal(await sha256OfFile(project.layout.userDaily), before);
    assert.ok((await project.table(project.layout.userDaily)).length > 0);
    // Others than before: of the same users nothing would be written.
    await writeFile(join(project.root, 'users.csv'), csv(WORLD.users.slice(1) as Row[]));
    await project.run('prepare');
    assert.deepEqual(await readdir(folder), ['user_daily.parquet']);
    await project.close();
  });
});

/** Makes prepare take seconds: many more users. */
async function bigSource(project: {
  engine: import('../../../src/data/engine/engine.js').Engine;
  root: string;
}): Promise<void> {
  await project.engine.write(
    sql`SELECT value AS user_id, CAST(${addDays('2025-01-01', 0)} AS DATE) AS signup_date, 'free' AS plan, 0 AS is_paid, 'DE' AS country, 'ads' AS marketing_source
      FROM ${project.engine.dialect.series(raw('1'), raw('60000'))} AS numbers`,
    join(project.root, 'users.csv'),
    'csv',
  );
}

/** Waits for the child's temporary file. */
async function temporaryIn(folder: string, processId: number): Promise<string> {
  for (;;) {
    const found = (await readdir(folder)).find((name) => name.includes(`.tmp-${processId}-`));
    if (found) {
      return found;
    }
    await wait(5);
  }
}
