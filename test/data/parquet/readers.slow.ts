import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { readFooter } from '../../../src/data/parquet/footer.js';
import { mergeRowGroups } from '../../../src/data/parquet/merge-row-groups.js';
import { pythonWith, runPython } from '../../servers/python.js';
import { openTestEngine } from '../project.js';
import { writeGroups } from './groups.js';

/** Reads the merged file with and without a filter that prunes row groups, and the parts as they were. */
const SCRIPT = `
import sys, datetime, pyarrow as pa, pyarrow.parquet as pq, pyarrow.compute as pc
merged, *parts = sys.argv[1:]
expected = pa.concat_tables([pq.read_table(part) for part in parts]).sort_by('id')
found = pq.read_table(merged).sort_by('id')
assert found.equals(expected), 'all rows'
assert pq.ParquetFile(merged).metadata.num_rows == expected.num_rows
assert pq.ParquetFile(merged).metadata.metadata[b'k'] == b'v'
pq.ParquetFile(merged, pre_buffer=True).scan_contents()
for day in sorted(set(expected['as_of_date'].to_pylist())):
    wanted = expected.filter(pc.equal(expected['as_of_date'], pa.scalar(day, pa.date32())))
    assert wanted.num_rows > 0
    assert pq.read_table(merged, filters=[('as_of_date', '=', day)]).sort_by('id').equals(wanted), str(day)
print('same')
`;

it('pyarrow reads merged row groups as it reads their files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'churn-readers-'));
  const engine = await openTestEngine(folder);
  const parts = [0, 1, 2].map((i) => join(folder, `part-${i}.parquet`));
  for (const [i, path] of parts.entries()) {
    await writeGroups(engine, path, { first: i * 10_000, rows: 9000, days: 12, from: 20_000 + 12 * i });
  }
  const footers = await Promise.all(parts.map(readFooter));
  const merged = join(folder, 'merged.parquet');
  const pieces = [2, 0, 1].map((i) => ({
    path: parts[i],
    footer: footers[i],
    groups: [...footers[i].groups].reverse(),
  }));
  await mergeRowGroups(merged, pieces, new Map([['k', 'v']]));
  await writeFile(join(folder, 'read.py'), SCRIPT);
  const python = await pythonWith(['pyarrow==26.0.1']);
  const { code, output } = await runPython(python, [join(folder, 'read.py'), merged, ...parts], 120_000);
  assert.deepEqual([code, output.trim()], [0, 'same']);
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});
