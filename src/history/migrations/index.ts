import { initial } from './0001-initial.js';
import { manyReplicas } from './0002-many-replicas.js';
import type { Migration } from './migration.js';

/** All migrations, oldest first. */
export const MIGRATIONS: readonly Migration[] = [initial, manyReplicas];
