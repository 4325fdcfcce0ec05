/**
 * The events of a CSV file read under our names, checked and typed, beside pandas reading the same file: whole processes.
 * Options: --users N (21000: 5 million rows), --repeats N (5), --json.
 */
import { join } from 'node:path';
import { loadConfig } from '../src/config/load.js';
import { raw, sql } from '../src/data/engine/sql.js';
import { openSource } from '../src/data/sources.js';
import { openProject } from '../src/open.js';
import { type ChildRun, runCli, runSelf } from './measuring/child.js';
import { inTemporaryFolder, writeProject } from './measuring/places.js';
import { ownScript, pythonWith, runPython } from './measuring/python.js';
import { fixed, median, numberOption, progress, report, table } from './measuring/report.js';

/** A child's part: opens the events of the project in `folder` as every step does, and counts them. */
async function childOurs(folder: string): Promise<void> {
  const project = await openProject(await loadConfig({ folder, environment: {} }));
  const engine = await project.engine();
  const events = await openSource(engine, project.config, project.layout.root, 'events');
  const [{ rows }] = await engine.rows<{ rows: number }>(
    sql`SELECT count(*) AS rows FROM ${events.relation} AS source WHERE ${raw('event_time')} IS NOT NULL`,
  );
  await project.close();
  process.stdout.write(JSON.stringify({ rows }));
}

async function measure(): Promise<void> {
  const repeats = numberOption('repeats', 5);
  const users = numberOption('users', 21_000);
  const python = await pythonWith('numpy');
  await inTemporaryFolder(async (folder) => {
    progress('writing the file ...');
    await writeProject(
      folder,
      'sources: { users: { files: users.csv }, events: { files: events.csv } }\nformat: csv\n',
    );
    await runCli(folder, ['generate', '--preset', 'section-12', '--quiet', '--users', String(users)]);
    const runs = {
      ours: [] as ChildRun[],
      pandas: [] as ChildRun[],
      'pandas, times parsed': [] as ChildRun[],
    };
    let rows = 0;
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`${repeat + 1} of ${repeats}`);
      const ours = await runSelf<{ rows: number }>(import.meta.url, ['--child', folder]);
      rows = ours.answer.rows;
      runs.ours.push(ours.run);
      for (const [name, args] of [
        ['pandas', []],
        ['pandas, times parsed', ['event_time']],
      ] as const) {
        if (python !== null) {
          const theirs = await runPython<{ rows: number }>(python, ownScript('read_csv.py'), [
            join(folder, 'events.csv'),
            ...args,
          ]);
          runs[name].push(theirs.run);
          if (theirs.answer.rows !== rows) {
            throw new Error(`${theirs.answer.rows} rows by pandas, ${rows} by ours`);
          }
        }
      }
    }
    const figures = Object.entries(runs)
      .filter(([, each]) => each.length > 0)
      .map(([program, each]) => ({
        program,
        seconds: median(each.map((run) => run.seconds)),
        cpu_seconds: median(each.map((run) => run.cpuSeconds)),
        peak_mib: median(each.map((run) => run.peakMiB)),
      }));
    report(
      { rows, figures },
      table(
        [`${rows} rows of CSV`, 'wall s', 'cpu s', 'MiB', 'wall / ours'],
        figures.map((each) => [
          each.program,
          fixed(each.seconds, 2),
          fixed(each.cpu_seconds, 2),
          fixed(each.peak_mib, 0),
          fixed(each.seconds / figures[0].seconds, 2),
        ]),
      ),
    );
  });
}

const child = process.argv.indexOf('--child');
await (child < 0 ? measure() : childOurs(process.argv[child + 1]));
