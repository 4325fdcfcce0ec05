import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LogEvent } from 'kysely';
import Database from 'libsql';
import pg from 'pg';
import type { History } from '../../src/history/history.js';
import { KyselyHistory } from '../../src/history/kysely-history.js';
import { openPostgresHistory } from '../../src/history/postgres/open.js';
import { openSqliteHistory } from '../../src/history/sqlite/open.js';
import { tickingClock } from '../contract/assertions.js';
import { given, linesOf } from '../contract/transfer.js';
import { startPostgres } from '../servers/postgres.js';

const MILLION = 1_000_000;
/** Tables that grow with time; the others have a row per alias, kind, version or lease. */
const LARGE = ['runs', 'reports', 'inbox', 'profiles'];
/** A share of the million each. */
const SHARES = { runs: 0.3, reports: 0.3, inbox: 0.3, profiles: 0.1 };

/** Rows n = 0, 1, ... of each large table, as SQL that both databases read. `text(n)` is a number of eight digits. */
function statements(
  text: (n: string) => string,
  day: (n: string) => string,
): { table: keyof typeof SHARES; values: string }[] {
  const id = (n: string) => `'06' || ${text(n)} || '00000'`;
  const time = (n: string) => `${day(`(${n}) / 500`)} || 'T00:00:00.000Z'`;
  const kinds = (n: string, names: string[]) =>
    `case (${n}) % ${names.length} ${names.map((name, i) => `when ${i} then '${name}'`).join(' ')} end`;
  const commands = ['drift', 'evaluate', 'train', 'retrain', 'score', 'run'];
  const parent = `case when n % 6 = 0 then null else ${id('n - n % 6')} end`;
  return [
    {
      table: 'runs',
      values: `${id('n')}, ${parent}, ${kinds('n', commands)}, ${time('n')}, ${time('n')}, 'ok', 0, ${day('n / 500')},
        '[]', '[]', '{}', null, 1, 'host'`,
    },
    {
      table: 'reports',
      values: `${id('n')}, ${id('n')}, ${kinds('n', ['drift', 'evaluation', 'decision', 'comparison', 'training'])},
        ${day('n / 500')}, case when n % 5 = 2 then null else 'v' || (n % 500) end, 'OK', ${time('n')}, '{}'`,
    },
    {
      table: 'inbox',
      values: `${kinds('n', ['trigger', 'outcome', 'outcome', 'slot'])}, n, ${id('n')}, 'key-' || n, 'subject-' || (n / 3),
        '{}', ${time('n')}, ${time('n')}, case when n % 4 in (0, 3) and n < 290000 then ${id('n')} else null end,
        case when n % 4 in (0, 3) and n < 290000 then ${time('n')} else null end`,
    },
    { table: 'profiles', values: `'v' || (n % 100), ${day('n / 100')}, ${day('n / 100 + 1')}, '{}'` },
  ];
}

const SMALL = [
  "insert into inbox_kinds values ('trigger', 300000), ('outcome', 300000), ('slot', 300000)",
  ...Array.from({ length: 100 }, (_, n) => `insert into profile_series values ('v${n}', null)`),
];

/** Uses every method of the port as the product does. @returns the names of the methods */
async function useAll(history: History, empty: History): Promise<Set<string>> {
  const used = new Set<string>();
  const on = new Proxy(history, {
    get: (target, name: keyof History) => {
      used.add(name);
      return (target[name] as (...args: unknown[]) => unknown).bind(target);
    },
  });
  const run = await on.startRun({ command: 'retrain' });
  const part = await on.startRun({ command: 'train', parent: run });
  const report = { run, kind: 'drift', at: '2025-01-01', version: 'v1', status: 'OK', body: {} } as const;
  await on.addReport(report);
  await on.runs({ limit: 20 });
  await on.runs({ command: 'drift', limit: 20 });
  await on.runs({ parent: run });
  await on.run(part);
  await on.run(part.slice(0, 14));
  await on.reports({ kind: 'drift', limit: 1 });
  await on.reports({ kind: 'drift', until: '2025-01-01', limit: 20 });
  await on.reports({ run });
  await on.reports({ kind: 'training', version: 'v4', limit: 1 });
  await on.alias('champion');
  await on.aliases();
  const fence = (await on.acquireLease('jobs', 60))!;
  await on.renewLease(fence, 60);
  await on.lease('jobs');
  await on.moveAlias({ run, alias: 'champion', from: null, to: 'v1', because: 'x' }, { fence });
  const late = on.moveAlias({ run, alias: 'champion', from: null, to: 'v1', because: 'x' }, { fence });
  await assert.rejects(late, { code: 'history.conflict' });
  await on.aliasMoves();
  await on.aliasMoves({ alias: 'champion' });
  await on.aliasMoves({ runs: [run, part] });
  await on.retireVersion({ version: 'v9', run });
  await on.reinstateVersion('v9');
  const at = '2025-01-01T00:00:00.000Z';
  await on.post([
    { kind: 'trigger', key: 'new', body: {}, at },
    { kind: 'outcome', key: 'key-5', body: {}, at },
  ]);
  await on.entries({ kind: 'outcome', after: 250_000, limit: 100 });
  await on.entries({ kind: 'outcome', subject: 'subject-7' });
  await on.entries({ kind: 'slot', key: 'key-7' });
  const [first] = await on.take({ kind: 'trigger', limit: 10 }, { fence });
  await on.settle({ kind: 'trigger', positions: [first.position], run }, { fence });
  await on.putProfile({ series: 'v1', window: { from: '2030-01-01', to: '2030-01-02' }, body: {} });
  await on.profiles({ series: 'v1', window: { from: '2024-01-01', to: '2024-02-01' } });
  await on.profileSeries();
  await on.mergeProfiles('v1', { from: '2024-01-01', to: '2024-02-01' }, () => ({}));
  await on.finishRun(part, { status: 'ok', exit_code: 0 });
  await on.forget(new Date('2024-01-05T00:00:00Z'));
  await on.releaseLease(fence);
  const lines = await linesOf(on);
  assert.ok(lines.length > 0.99 * MILLION);
  used.add('imported');
  await empty.imported(given(await linesOf(empty)));
  return used;
}

interface Statement {
  sql: string;
  parameters: readonly unknown[];
}

/** Every statement that the methods of the port ran, once, and the slowest. */
async function captured(open: (log: (event: LogEvent) => void) => Promise<History>, empty: History) {
  const seen = new Map<string, Statement & { milliseconds: number }>();
  const history = await open(({ query, queryDurationMillis: milliseconds }) => {
    const { sql, parameters } = query;
    const known = seen.get(sql);
    if (!known || known.milliseconds < milliseconds) {
      seen.set(sql, { sql, parameters, milliseconds });
    }
  });
  const used = await useAll(history, empty);
  await Promise.all([history.close(), empty.close()]);
  const methods = Object.getOwnPropertyNames(KyselyHistory.prototype);
  assert.deepEqual(
    methods.filter((name) => !used.has(name)),
    ['constructor', 'close'],
    'every method of the port was used',
  );
  const all = [...seen.values()].filter(({ sql }) => /^\s*(select|insert|update|delete)/i.test(sql));
  assert.ok(all.length > 40, `${all.length} statements`);
  return all;
}

function tell(context: TestContext, all: { sql: string; milliseconds: number }[]): void {
  const slowest = all.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, 3);
  const texts = slowest.map(
    ({ sql, milliseconds }) => `${Math.round(milliseconds)} ms ${sql.replace(/\s+/g, ' ').slice(0, 90)}`,
  );
  context.diagnostic(`${all.length} statements on ${MILLION} rows; slowest: ${texts.join('; ')}`);
}

test('no statement scans a large table on PostgreSQL', async (context) => {
  const server = await startPostgres();
  context.after(() => server.remove());
  const [url, emptyUrl] = [await server.newDatabase(), await server.newDatabase()];
  const clock = tickingClock('2026-01-01T00:00:00Z');
  await (await openPostgresHistory({ url, clock })).close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const text = (n: string) => `lpad((${n})::text, 8, '0')`;
  const day = (n: string) => `to_char(date '2024-01-01' + (${n})::int, 'YYYY-MM-DD')`;
  for (const statement of SMALL) {
    await client.query(statement);
  }
  for (const { table, values } of statements(text, day)) {
    const last = SHARES[table] * MILLION - 1;
    await client.query(
      `insert into ${table} select ${values} from generate_series(0, ${last}) as numbers(n)`,
    );
  }
  await client.query('analyze');
  const empty = await openPostgresHistory({ url: emptyUrl, clock });
  const all = await captured((log) => openPostgresHistory({ url, clock, log }), empty);
  const bad: string[] = [];
  for (const { sql, parameters } of all) {
    // What inserts has been done already, and would only fail again.
    const analyze = /^\s*insert/i.test(sql) ? '' : 'analyze, ';
    await client.query('begin');
    const { rows } = await client.query(`explain (${analyze}format json) ${sql}`, [...parameters]);
    await client.query('rollback');
    for (const node of nodesOf(rows[0]['QUERY PLAN'][0].Plan)) {
      const relation = node['Relation Name'] ?? '';
      const scans = node['Node Type'] === 'Seq Scan' && LARGE.includes(relation);
      const sorts = /Sort/.test(node['Node Type']) && node['Plan Rows'] > 20_000;
      // An index that leads to many rows which are then thrown away is none for this statement.
      const throwsAway = (node['Rows Removed by Filter'] ?? 0) > 20_000;
      if (scans || sorts || throwsAway) {
        bad.push(`${node['Node Type']} ${relation}: ${sql}`);
      }
    }
  }
  await client.end();
  tell(context, all);
  assert.deepEqual(bad, []);
});

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Plan Rows': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

test('no statement scans a large table on SQLite', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'churn-growth-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const [path, emptyPath] = [join(folder, 'history.db'), join(folder, 'empty.db')];
  const clock = tickingClock('2026-01-01T00:00:00Z');
  await (await openSqliteHistory({ path, clock })).close();
  const database = new Database(path);
  const text = (n: string) => `printf('%08d', ${n})`;
  const day = (n: string) => `date('2024-01-01', '+' || (${n}) || ' days')`;
  database.exec(SMALL.join(';'));
  for (const { table, values } of statements(text, day)) {
    const last = SHARES[table] * MILLION - 1;
    database.exec(`insert into ${table} with recursive numbers(n) as
      (select 0 union all select n + 1 from numbers where n < ${last}) select ${values} from numbers`);
  }
  const empty = await openSqliteHistory({ path: emptyPath, clock });
  const all = await captured((log) => openSqliteHistory({ path, clock, log }), empty);
  const bad: string[] = [];
  for (const { sql, parameters } of all) {
    const plan = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
    for (const { detail } of plan) {
      // In the order of an index and up to a limit it is no scan of the table.
      const [, , how] = /^SCAN (\S+)(.*)$/.exec(detail) ?? [];
      const large = LARGE.some((table) => new RegExp(`^SCAN (${table}|old|newer|part)\\b`).test(detail));
      if (large && !(/USING (COVERING )?INDEX/.test(how) && /limit/.test(sql))) {
        bad.push(`${detail}: ${sql}`);
      }
    }
  }
  database.close();
  tell(context, all);
  assert.deepEqual(bad, []);
});
