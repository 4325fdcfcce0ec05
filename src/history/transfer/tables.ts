import type { Tables } from '../schema.js';

type ColumnType = 'text' | 'text or null' | 'integer' | 'integer or null';

export type TransferTable = Exclude<keyof Tables, 'history_migrations'>;

export interface TableShape<T extends TransferTable = TransferTable> {
  /** The primary key, in whose order the rows are written. */
  key: (keyof Tables[T] & string)[];
  /** In the order in which they are written. */
  columns: Record<keyof Tables[T] & string, ColumnType>;
}

/** Every table with its columns, in an order in which what is referred to comes before what refers. */
export const TRANSFER_TABLES: { [T in TransferTable]: TableShape<T> } = {
  runs: {
    key: ['id'],
    columns: {
      id: 'text',
      parent: 'text or null',
      command: 'text',
      started_at: 'text',
      finished_at: 'text or null',
      status: 'text',
      exit_code: 'integer or null',
      as_of: 'text or null',
      reads: 'text',
      writes: 'text',
      result: 'text',
      error: 'text or null',
      process_id: 'integer',
      host: 'text',
    },
  },
  reports: {
    key: ['id'],
    columns: {
      id: 'text',
      run: 'text',
      kind: 'text',
      as_of: 'text',
      version: 'text or null',
      status: 'text',
      created_at: 'text',
      body: 'text',
    },
  },
  aliases: { key: ['name'], columns: { name: 'text', version: 'text or null', moves: 'integer' } },
  alias_moves: {
    key: ['id'],
    columns: {
      id: 'text',
      run: 'text',
      alias: 'text',
      number: 'integer',
      from_version: 'text or null',
      to_version: 'text or null',
      moved_at: 'text',
      because: 'text',
    },
  },
  leases: {
    key: ['name'],
    columns: {
      name: 'text',
      token: 'integer',
      holder: 'text or null',
      process_id: 'integer',
      host: 'text',
      acquired_at: 'text',
      expires_at: 'integer',
    },
  },
  inbox_kinds: { key: ['kind'], columns: { kind: 'text', last: 'integer' } },
  inbox: {
    key: ['kind', 'position'],
    columns: {
      kind: 'text',
      position: 'integer',
      id: 'text',
      key: 'text',
      subject: 'text or null',
      body: 'text',
      at: 'text',
      posted_at: 'text',
      settled_by: 'text or null',
      settled_at: 'text or null',
    },
  },
  profile_series: { key: ['series'], columns: { series: 'text', merged_until: 'text or null' } },
  profiles: {
    key: ['series', 'from_day'],
    columns: { series: 'text', from_day: 'text', to_day: 'text', body: 'text' },
  },
  retired_versions: { key: ['version'], columns: { version: 'text', run: 'text', retired_at: 'text' } },
};

export const TABLE_NAMES = Object.keys(TRANSFER_TABLES) as TransferTable[];
