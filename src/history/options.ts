import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import type { LogEvent } from 'kysely';
import { isAlive } from '../files.js';
import type { Clock } from '../time.js';
import type { ProcessMark } from './history.js';
import type { KyselyHistoryParts } from './kysely-history.js';
import type { Fence } from './leases.js';
import type { Migration } from './migrations/migration.js';
import { idMaker } from './run-id.js';

/** What every adapter is told. */
export interface HistoryOptions {
  clock: Clock;
  /** Default: this process. */
  processId?: number;
  /** Default: the name of this machine. */
  host?: string;
  /** Name and version of this program, told to an older one that cannot read what we wrote. */
  program?: string;
  /**
   * Longest time, in milliseconds, in which work is tried again while others write or the server is away. 0: one try,
   * for who has something better to do than to wait. Default: 30 s.
   */
  patienceMilliseconds?: number;
  /** Whole numbers below a bound, for ids and pauses. */
  chance?: (bound: number) => number;
  /** auto: bring an older schema up to date on opening; manual: refuse it. Default: auto. */
  migrate?: 'auto' | 'manual';
  migrations?: readonly Migration[];
  /** Told the migrations that opening applied. */
  onMigrate?: (applied: readonly Migration[]) => void;
  /** The fence of guarded writes that name none. */
  fence?: () => Fence | null;
  /** Told every statement. */
  log?: (event: LogEvent) => void;
}

export const DEFAULT_PATIENCE_MILLISECONDS = 30_000;

export const chanceOf = ({ chance = (bound) => randomInt(bound) }: HistoryOptions) => chance;

/** The parts of a history that do not depend on the database. */
export function commonParts(
  options: HistoryOptions,
): Pick<KyselyHistoryParts, 'clock' | 'newId' | 'process' | 'program' | 'isAlive' | 'fence'> {
  const host = options.host ?? hostname();
  return {
    clock: options.clock,
    newId: idMaker(chanceOf(options)),
    process: { id: options.processId ?? process.pid, host },
    program: options.program ?? 'churn-mlops',
    isAlive: (mark: ProcessMark) => (mark.host === host ? isAlive(mark.id) : null),
    fence: options.fence ?? (() => null),
  };
}
