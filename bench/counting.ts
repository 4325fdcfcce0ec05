/**
 * Counting a table of twelve columns over the bins of a reference, beside a scan that sums the same columns (of texts: their
 * lengths), by the same engine in one process. Needs the data folder's peers. Options: --rows N,N (1000000,10000000), --repeats N (7), --json.
 */
import { join } from 'node:path';
import { countedColumns } from '../src/data/count/columns.js';
import { countProfile } from '../src/data/count/count-profile.js';
import { openDuckDB } from '../src/data/engine/duckdb.js';
import type { Engine } from '../src/data/engine/engine.js';
import { identifier, join as joinSql, sql } from '../src/data/engine/sql.js';
import { openTable, threadsToCount } from '../src/data/open-table.js';
import { profileTable } from '../src/jobs/profile.js';
import { inTemporaryFolder } from './measuring/places.js';
import {
  fixed,
  median,
  numberOption,
  numbersOption,
  progress,
  report,
  stopwatch,
  type Took,
  table,
} from './measuring/report.js';
import { tableMaker } from './measuring/tables.js';

async function measure(engine: Engine, reference: string, current: string, repeats: number) {
  const request = { file: reference, features: null, unit: null, leastRows: null, seed: 42 };
  const { profile } = await profileTable(engine, request);
  const relation = await openTable(engine, current);
  const names = profile.columns.map(({ name }) => name);
  const columns = await countedColumns(engine, relation, names, current);
  const bins = new Map(profile.columns.map((column) => [column.name, column.bins]));
  const sums = columns.map(({ name, kind }) =>
    kind === 'numeric' ? sql`sum(${identifier(name)})` : sql`sum(length(${identifier(name)}))`,
  );
  const works = {
    sum: () => engine.rows(sql`SELECT ${joinSql(sums)} FROM ${relation}`),
    count: () => countProfile(engine, { relation, columns, bins, unit: null, window: null }),
  };
  const took: Record<keyof typeof works, Took[]> = { sum: [], count: [] };
  for (let repeat = 0; repeat < repeats; repeat++) {
    progress(`${profile.rows} rows: ${repeat + 1} of ${repeats}`);
    for (const name of ['sum', 'count'] as const) {
      const watch = stopwatch();
      await works[name]();
      took[name].push(watch());
    }
  }
  const of = (name: keyof typeof works, what: keyof Took) => median(took[name].map((each) => each[what]));
  return {
    rows: profile.rows,
    sum_ms: of('sum', 'milliseconds'),
    count_ms: of('count', 'milliseconds'),
    ratio: of('count', 'milliseconds') / of('sum', 'milliseconds'),
    sum_cpu_ms: of('sum', 'cpuMilliseconds'),
    count_cpu_ms: of('count', 'cpuMilliseconds'),
    cpu_ratio: of('count', 'cpuMilliseconds') / of('sum', 'cpuMilliseconds'),
  };
}

const make = await tableMaker('parquet');
if (make === null) {
  process.exit(1);
}
await inTemporaryFolder(async (folder) => {
  const results = [];
  for (const rows of numbersOption('rows', [1_000_000, 10_000_000])) {
    const [reference, current] = await make(folder, rows);
    const threads = threadsToCount([reference, current]);
    const engine = await openDuckDB({ memoryLimit: '2GB', threads, spillFolder: join(folder, 'spill') });
    results.push(await measure(engine, reference, current, numberOption('repeats', 7)));
    await engine.close();
  }
  report(
    { benchmark: 'counting', results },
    table(
      ['rows x 12 columns', 'sum ms', 'count ms', 'ratio', 'sum cpu ms', 'count cpu ms', 'cpu ratio'],
      results.map((each) => [
        each.rows.toLocaleString('en'),
        fixed(each.sum_ms, 0),
        fixed(each.count_ms, 0),
        fixed(each.ratio, 2),
        fixed(each.sum_cpu_ms, 0),
        fixed(each.count_cpu_ms, 0),
        fixed(each.cpu_ratio, 2),
      ]),
    ),
  );
});
