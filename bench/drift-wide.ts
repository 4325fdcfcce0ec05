/**
 * Drift of two wide tables, whole processes: does memory stay bounded as columns are added? A tenth of the columns are whole
 * numbers, a tenth texts. Options: --rows N (20000), --columns N,N (100,1000), --json.
 */
import { join } from 'node:path';
import { raw } from '../src/data/engine/sql.js';
import { openLooseEngine } from '../src/open-engine.js';
import { runCli } from './measuring/child.js';
import { inTemporaryFolder } from './measuring/places.js';
import { fixed, numberOption, numbersOption, progress, report, table } from './measuring/report.js';

/** Values that spread evenly enough, other ones in every column and for every `start`. */
function column(i: number, start: number): string {
  const hashed = `(hash(value + ${start} + ${i} * 1000003) % 1000000)`;
  switch (i % 10) {
    case 0:
      return `CAST(${hashed} % 60 AS INTEGER) AS c${i}`;
    case 1:
      return `'text ' || CAST(${hashed} % 30 AS VARCHAR) AS c${i}`;
    default:
      return `sqrt(${hashed}) AS c${i}`;
  }
}

async function writeTable(path: string, columns: number, rows: number, start: number): Promise<void> {
  const engine = await openLooseEngine(new AbortController().signal);
  try {
    const selected = Array.from({ length: columns }, (_, i) => column(i, start)).join(', ');
    await engine.write(
      raw(`SELECT ${selected} FROM (SELECT range AS value FROM range(${rows})) AS numbers`),
      path,
      'parquet',
    );
  } finally {
    await engine.close();
  }
}

const rows = numberOption('rows', 20_000);
await inTemporaryFolder(async (folder) => {
  const results = [];
  for (const columns of numbersOption('columns', [100, 1000])) {
    progress(`two tables of ${columns} columns`);
    const [reference, current] = ['reference', 'current'].map((name) => join(folder, `${name}.parquet`));
    await writeTable(reference, columns, rows, 0);
    await writeTable(current, columns, rows, 10 * rows);
    const run = await runCli(folder, ['drift', '--reference', reference, '--current', current, '--json']);
    results.push({
      columns,
      rows,
      seconds: run.seconds,
      cpu_seconds: run.cpuSeconds,
      peak_mib: run.peakMiB,
    });
  }
  report(
    { benchmark: 'drift-wide', results },
    table(
      ['columns', 'rows', 'wall s', 'cpu s', 'peak MiB'],
      results.map((result) => [
        String(result.columns),
        result.rows.toLocaleString('en'),
        fixed(result.seconds, 2),
        fixed(result.cpu_seconds, 2),
        fixed(result.peak_mib, 0),
      ]),
    ),
  );
});
