import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { sql } from '../../src/data/engine/sql.js';
import { writeText } from '../../src/files.js';
import { driftOptions } from '../../src/jobs/drift.js';
import { championProfile, featuresOf, profileRowsBy } from '../../src/jobs/drift-windows.js';
import { generate } from '../../src/jobs/generate.js';
import { promote } from '../../src/jobs/promote.js';
import { refreshData } from '../../src/jobs/run-steps.js';
import { trainVersion } from '../../src/jobs/train.js';
import { tableDrift } from '../../src/monitor/drift/judge.js';
import { sumOf } from '../../src/monitor/profile/sum.js';
import { openProject } from '../../src/open.js';
import { addDays, dayNumber } from '../../src/time.js';
import { inTemporaryFolder } from '../measuring/places.js';
import { progress } from '../measuring/report.js';

const START = '2024-01-01';
const TRAINED = '2024-10-01';
const USERS = 1000;
/** Days of the daily check: a year. */
const DAYS = 365;
const WINDOW = 7;

/** The daily check of the default configuration over a year in which the generator changes nothing. One line a seed. */
export async function cleanYears(years: number): Promise<string> {
  const lines: string[] = [];
  for (let seed = 1; seed <= years; seed++) {
    progress(`a clean year, seed ${seed}`);
    lines.push(await inTemporaryFolder((folder) => cleanYear(folder, seed)));
  }
  return [
    `${USERS.toLocaleString('en')} users, ${DAYS} days after training, windows of ${WINDOW} days:`,
    '',
    ...lines,
  ].join('\n');
}

async function cleanYear(folder: string, seed: number): Promise<string> {
  await writeText(join(folder, 'churn.yaml'), '{}\n');
  const project = await openProject(await loadConfig({ folder, environment: {} }));
  try {
    await generate(project, {
      start: START,
      days: dayNumber(TRAINED) - dayNumber(START) + DAYS,
      users: USERS,
      seed,
      preset: 'default',
      drift: [],
    });
    await refreshData(project, { at: null });
    const { version } = await trainVersion(project, { at: TRAINED, trainer: 'linear' });
    await promote(project, { version, force: true, at: TRAINED });
    const champion = await project.registry.find('champion');
    const reference = await championProfile(project, champion);
    const engine = await project.engine();
    const range = { from: TRAINED, to: addDays(TRAINED, DAYS) };
    const day = engine.dialect.dayNumber(sql`CAST(as_of_date AS DATE)`);
    const days = await profileRowsBy(engine, featuresOf(project, engine, range), reference, day);
    const options = { ...driftOptions(project, champion, null), unitAware: true };
    const counts = { warn: 0, fail: 0, pages: 0, checks: 0 };
    let paging = false;
    for (let end = dayNumber(range.from) + WINDOW; end <= dayNumber(range.to); end++) {
      const current = sumOf(
        Array.from({ length: WINDOW }, (_, i) => days.get(end - WINDOW + i)).filter(
          (part) => part !== undefined,
        ),
      );
      const { status } = tableDrift(reference, current!, options);
      counts.checks++;
      counts.warn += status === 'WARN' ? 1 : 0;
      counts.fail += status === 'FAIL' ? 1 : 0;
      counts.pages += status === 'FAIL' && !paging ? 1 : 0;
      paging = status === 'FAIL';
    }
    return `- seed ${seed}: ${counts.pages} false pages (${counts.fail} days FAIL, ${counts.warn} days WARN) in ${counts.checks} daily checks`;
  } finally {
    await project.close();
  }
}
