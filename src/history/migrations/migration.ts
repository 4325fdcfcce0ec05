import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../schema.js';

/** A step forward of the schema. Once released it is never changed; there is no way back. */
export interface Migration {
  /** Counts from 1 without gaps; the file name begins with it. */
  number: number;
  name: string;
  /** Runs inside a transaction. Written without column types that only one dialect has. */
  up(db: Kysely<Tables> | Transaction<Tables>): Promise<void>;
}
