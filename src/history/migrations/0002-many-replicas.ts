import { type Kysely, sql } from 'kysely';
import type { Tables } from '../schema.js';
import type { Migration } from './migration.js';

/** What several replicas need to agree on one history: leases, the inbox, profiles, and an index for every query. */
export const manyReplicas: Migration = {
  number: 2,
  name: 'many-replicas',
  async up(db) {
    await orderReports(db);
    await createLeases(db);
    await createInbox(db);
    await createProfiles(db);
    await db.schema
      .createTable('retired_versions')
      .addColumn('version', 'text', (c) => c.primaryKey().notNull())
      .addColumn('run', 'text', (c) => c.notNull().references('runs.id'))
      .addColumn('retired_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('retired_versions_by_run').on('retired_versions').columns(['run']).execute();
    await db.schema.createIndex('alias_moves_by_target').on('alias_moves').columns(['to_version']).execute();
    await db.schema.createIndex('alias_moves_by_run').on('alias_moves').columns(['run']).execute();
    await db.schema
      .createIndex('alias_moves_by_time')
      .on('alias_moves')
      .columns(['moved_at', 'number', 'id'])
      .execute();
    await db.schema.createIndex('runs_by_finish').on('runs').columns(['finished_at', 'id']).execute();
  },
};

/** A report without a day gets an empty one: where nulls sort is something that databases do not agree on. */
async function orderReports(db: Kysely<Tables>): Promise<void> {
  for (const index of ['reports_by_kind', 'reports_by_version', 'reports_by_run']) {
    await db.schema.dropIndex(index).execute();
  }
  await db.updateTable('reports').set({ as_of: '' }).where('as_of', 'is', null).execute();
  const indexes: [string, string[]][] = [
    ['reports_by_kind', ['kind', 'as_of', 'id']],
    ['reports_by_version', ['version', 'kind', 'as_of', 'id']],
    ['reports_by_run', ['run', 'as_of', 'id']],
    ['reports_by_creation', ['created_at', 'id']],
  ];
  for (const [name, columns] of indexes) {
    await db.schema.createIndex(name).on('reports').columns(columns).execute();
  }
}

async function createLeases(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('leases')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('token', 'integer', (c) => c.notNull())
    .addColumn('holder', 'text')
    .addColumn('process_id', 'integer', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('acquired_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'integer', (c) => c.notNull())
    .execute();
}

async function createInbox(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('inbox_kinds')
    .addColumn('kind', 'text', (c) => c.primaryKey().notNull())
    .addColumn('last', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('inbox')
    .addColumn('kind', 'text', (c) => c.notNull().references('inbox_kinds.kind'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('subject', 'text')
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('posted_at', 'text', (c) => c.notNull())
    .addColumn('settled_by', 'text', (c) => c.references('runs.id'))
    .addColumn('settled_at', 'text')
    .addPrimaryKeyConstraint('inbox_in_line', ['kind', 'position'])
    .addUniqueConstraint('inbox_once', ['kind', 'key'])
    .execute();
  await db.schema
    .createIndex('inbox_open')
    .on('inbox')
    .columns(['kind', 'position'])
    .where(sql.ref('settled_by'), 'is', null)
    .execute();
  await db.schema
    .createIndex('inbox_by_subject')
    .on('inbox')
    .columns(['kind', 'subject', 'position'])
    .execute();
  await db.schema.createIndex('inbox_by_run').on('inbox').columns(['settled_by']).execute();
  await db.schema.createIndex('inbox_by_settling').on('inbox').columns(['kind', 'settled_at']).execute();
}

async function createProfiles(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('profile_series')
    .addColumn('series', 'text', (c) => c.primaryKey().notNull())
    .addColumn('merged_until', 'text')
    .execute();
  await db.schema
    .createTable('profiles')
    .addColumn('series', 'text', (c) => c.notNull().references('profile_series.series'))
    .addColumn('from_day', 'text', (c) => c.notNull())
    .addColumn('to_day', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('profiles_once', ['series', 'from_day'])
    .execute();
}
