import { join } from 'node:path';
import { runChild } from './child.js';
import { sharedFile } from './places.js';
import { pythonWith } from './python.js';
import { progress } from './report.js';

/** Makes the peers' two tables of twelve columns; null, with the reason told, where that cannot be done. */
export async function tableMaker(
  ending: 'parquet' | 'csv',
): Promise<((folder: string, rows: number) => Promise<[reference: string, current: string]>) | null> {
  const maker = sharedFile('peers/make_tables.py');
  const python = await pythonWith('numpy');
  if (maker === null || python === null) {
    progress(
      'needs peers/make_tables.py in the data folder (CHURN_SHARED) and Python with numpy, pandas and pyarrow',
    );
    return null;
  }
  return async (folder, rows) => {
    progress(`making two tables of ${rows} rows`);
    const options = ['--rows', String(rows), '--out', folder, ...(ending === 'csv' ? [] : ['--no-csv'])];
    const made = await runChild([python, maker, ...options]);
    if (made.code !== 0) {
      throw new Error(made.stderr);
    }
    return [join(folder, `ref_${rows}.${ending}`), join(folder, `cur_${rows}.${ending}`)];
  };
}
