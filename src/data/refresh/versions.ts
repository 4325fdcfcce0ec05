import { createHash } from 'node:crypto';
import { fileState, sha256OfFile } from '../../files.js';
import { PROGRAM_VERSION } from '../../version.js';
import type { Engine } from '../engine/engine.js';
import { identifier, raw, render, type Sql, sql } from '../engine/sql.js';
import type { Layout } from '../layout.js';
import type { SourceRelation } from '../sources.js';
import { isUnusable, type UsersVersion } from './table-state.js';

/** A short id of some content. */
export function idOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 24);
}

/**
 * Of all that shapes a table but the data: the SQL that makes it, the types of what it reads, the program's version. Where the project
 * lies does not matter.
 */
export function settingsVersion(
  { engine, layout }: { engine: Engine; layout: Layout },
  query: Sql,
  ...others: unknown[]
): string {
  const { text, values } = render(query, engine.dialect);
  const lasting = text.replaceAll(layout.root, '').replaceAll(KEPT_FILE, "'kept'");
  return idOf([PROGRAM_VERSION, engine.name, lasting, values, others]);
}

/** A file that an engine keeps for as long as it lives: the path is another one every time. */
const KEPT_FILE = /'[^']*\.kept\.tmp-[^']*'/g;

const VOLATILE =
  /\b(now|today|random|uuid|gen_random_uuid|(get_)?current_(date|time|timestamp|localtime|localtimestamp)|transaction_timestamp)\b/i;

/** Whether SQL that somebody configured may answer otherwise at another time. */
export function isVolatile(engine: Engine, query: Sql): boolean {
  return VOLATILE.test(render(query, engine.dialect).text);
}

/**
 * Of the content of all files of some sources; null where that says nothing: a source that is no files here, or an expression that
 * asks for the time.
 */
export async function filesVersion(
  engine: Engine,
  sources: readonly SourceRelation[],
): Promise<string | null> {
  const contents: string[][] = [];
  for (const source of sources) {
    const files = isVolatile(engine, source.relation)
      ? []
      : await engine
          .rows<{ path: string }>(
            sql`SELECT path FROM ${engine.dialect.listFiles(source.path)} AS files ORDER BY path`,
          )
          .catch(() => []);
    if (files.length === 0) {
      return null;
    }
    const hashes: string[] = [];
    for (const { path } of files) {
      hashes.push(await hashOnce(engine, path));
    }
    contents.push(hashes);
  }
  return idOf(contents);
}

/** Several steps ask for the same files. */
async function hashOnce(engine: Engine, path: string): Promise<string> {
  return engine.once(`sha256 ${await fileState(path)}`, () => sha256OfFile(path));
}

/** So many earlier versions of the users are remembered. */
const REMEMBERED = 60;

/**
 * Fingerprints users, given as a query with `user_id`. When they are those of `old` (a relation of the old users' ids in `user_id`) and
 * others, the version says so. An empty id where ids are missing or repeat.
 */
export async function usersVersion(
  engine: Engine,
  users: Sql,
  old: { version: UsersVersion; ids: Sql } | null,
): Promise<UsersVersion> {
  const id = await usersId(engine, users, raw('TRUE'));
  if (old === null || id === '' || old.version.id === '') {
    return { id, grown_from: [] };
  }
  if (id === old.version.id) {
    return old.version;
  }
  const before = await usersId(engine, users, sql`user_id IN (${old.ids})`).catch((error) => {
    if (!isUnusable(error)) {
      throw error;
    }
    return '';
  });
  return before === old.version.id
    ? { id, grown_from: [before, ...old.version.grown_from].slice(0, REMEMBERED) }
    : { id, grown_from: [] };
}

async function usersId(engine: Engine, users: Sql, which: Sql): Promise<string> {
  const columns = (await engine.describe(users)).map((column) => identifier(column.name));
  const [{ rows, ids, content }] = await engine.rows<{ rows: number; ids: number; content: string | null }>(
    sql`SELECT count(*) AS rows, count(DISTINCT user_id) AS ids, ${engine.dialect.contentOf(columns)} AS content
      FROM (${users}) AS users WHERE ${which}`,
  );
  return rows === ids ? idOf([rows, content]) : '';
}
