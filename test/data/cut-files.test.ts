import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { raw, sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { call } from '../jobs/project.js';
import { openTestEngine } from './project.js';

const USERS = `user_id,signup_date,plan,is_paid,country,marketing_source\n${Array.from({ length: 50 }, (_, i) => `${i},2025-01-01,free,0,DE,ads\n`).join('')}`;

/** Events with quoted commas and line ends. */
function eventsCsv(): string {
  const rows = Array.from({ length: 30_000 }, (_, i) =>
    [i, i % 50, `2025-01-${String((i % 28) + 1).padStart(2, '0')} 08:00:00`, '"video,\nwatch"', 1.5, ''].join(
      ',',
    ),
  );
  return `event_id,user_id,event_time,event_type,watch_minutes,quiz_score\n${rows.join('\n')}\n`;
}

/** The beginning of a file, up to `after` behind the last `mark` of its first half. */
function cutBehind(text: string, mark: string, after: number): string {
  return text.slice(0, text.lastIndexOf(mark, text.length / 2) + after);
}

const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);

describe('files that were cut off are refused (65), and the file is named', () => {
  let folder: string;
  const files = new Map<string, Buffer | string>();
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'churn-cut-'));
    const text = eventsCsv();
    const lines = text.split('\n').length;
    const jsonl = Array.from(
      { length: lines },
      (_, i) => `{"user_id": ${i % 50}, "event_time": "2025-01-02 08:00:00", "event_type": "login"}\n`,
    ).join('');
    await writeFile(join(folder, 'users.csv'), USERS);
    await writeFile(join(folder, 'whole.csv'), text);
    const engine = await openTestEngine(folder);
    const whole = readTable(engine, join(folder, 'whole.csv'));
    await engine.write(sql`SELECT * FROM ${whole} AS whole`, join(folder, 'whole.parquet'), 'parquet');
    await engine.run(
      sql`COPY (SELECT * FROM ${whole} AS whole) TO ${raw(`'${join(folder, 'whole.csv.zst')}'`)} (FORMAT csv, HEADER true, COMPRESSION zstd)`,
    );
    await engine.close();
    const parquet = await readFile(join(folder, 'whole.parquet'));
    files.set('line.csv', cutBehind(text, '\n', 5));
    files.set('quote.csv', cutBehind(text, '"video', 4));
    files.set('quoted-line-end.csv', cutBehind(text, '"video,\n', 8));
    files.set('value.csv', cutBehind(text, ',1.5,', 3));
    files.set('half.csv.gz', half(gzipSync(text)));
    files.set('half.csv.zst', half(await readFile(join(folder, 'whole.csv.zst'))));
    files.set('line.jsonl', cutBehind(jsonl, '\n', 20));
    files.set('half.jsonl.gz', half(gzipSync(jsonl)));
    files.set('no-footer.parquet', parquet.subarray(0, -8));
    files.set('half.parquet', half(parquet));
    for (const [name, content] of files) {
      await writeFile(join(folder, name), content);
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const commands = (name: string): string[][] => [
    ['validate'],
    ['prepare'],
    ['profile', name],
    ['drift', '--reference', 'whole.parquet', '--current', name],
  ];

  it('in every command that reads tables', async () => {
    assert.equal((await call(folder, ['profile', 'whole.csv'])).code, 0);
    assert.equal((await call(folder, ['profile', 'whole.csv.zst'])).code, 0);
    for (const name of files.keys()) {
      await writeFile(
        join(folder, 'churn.yaml'),
        JSON.stringify({ sources: { users: { files: 'users.csv' }, events: { files: name } } }),
      );
      for (const args of commands(name)) {
        const { code, err } = await call(folder, args);
        assert.equal(code, 65, `${args.join(' ')}: ${err}`);
        assert.match(err, /^churn-mlops: expected [^\n]*; got [^\n]*\[input\.unreadable\]\n$/);
        assert.ok(err.includes(name), `${args.join(' ')} names no file: ${err}`);
      }
    }
  });
});
