import type { Kysely } from 'kysely';
import type { Tables } from '../schema.js';
import type { Migration } from './migration.js';

export const initial: Migration = {
  number: 1,
  name: 'initial',
  async up(db) {
    await createRuns(db);
    await createReports(db);
    await createAliases(db);
  },
};

async function createRuns(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('parent', 'text', (c) => c.references('runs.id'))
    .addColumn('command', 'text', (c) => c.notNull())
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addColumn('finished_at', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('exit_code', 'integer')
    .addColumn('as_of', 'text')
    .addColumn('reads', 'text', (c) => c.notNull())
    .addColumn('writes', 'text', (c) => c.notNull())
    .addColumn('result', 'text', (c) => c.notNull())
    .addColumn('error', 'text')
    .addColumn('process_id', 'integer', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('runs_by_command').on('runs').columns(['command', 'id']).execute();
  await db.schema.createIndex('runs_by_parent').on('runs').columns(['parent', 'id']).execute();
}

async function createReports(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('reports')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('run', 'text', (c) => c.notNull().references('runs.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('as_of', 'text')
    .addColumn('version', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute();
  const newest = ['as_of', 'created_at', 'id'];
  await db.schema
    .createIndex('reports_by_kind')
    .on('reports')
    .columns(['kind', ...newest])
    .execute();
  await db.schema
    .createIndex('reports_by_version')
    .on('reports')
    .columns(['version', 'kind', ...newest])
    .execute();
  await db.schema
    .createIndex('reports_by_run')
    .on('reports')
    .columns(['run', ...newest])
    .execute();
}

async function createAliases(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('aliases')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('version', 'text')
    .addColumn('moves', 'integer', (c) => c.notNull())
    .execute();
  await db
    .insertInto('aliases')
    .values([
      { name: 'champion', version: null, moves: 0 },
      { name: 'challenger', version: null, moves: 0 },
    ])
    .execute();
  await db.schema
    .createTable('alias_moves')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('run', 'text', (c) => c.notNull().references('runs.id'))
    .addColumn('alias', 'text', (c) => c.notNull().references('aliases.name'))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('from_version', 'text')
    .addColumn('to_version', 'text')
    .addColumn('moved_at', 'text', (c) => c.notNull())
    .addColumn('because', 'text', (c) => c.notNull())
    .addUniqueConstraint('alias_moves_in_line', ['alias', 'number'])
    .execute();
}
