import type { Kysely, Transaction } from 'kysely';
import type { Clock, Day } from '../time.js';
import { pointElsewhere } from './alias-queries.js';
import type { AliasMove, AliasName, History, ProcessMark, Report, ReportKind, Run } from './history.js';
import { asAliasMove, asReport, asRun, startedRow, toJson } from './rows.js';
import { expectRun, findRun, refuseFinish } from './run-queries.js';
import type { Tables } from './schema.js';

/** What the queries need of the database behind them and of the world. */
export interface KyselyHistoryParts {
  db: Kysely<Tables>;
  clock: Clock;
  /** Ids that sort by time. */
  newId: (time: Date) => string;
  /** Who writes. */
  process: ProcessMark;
  /** Whether a process lives; null when that cannot be seen from here. */
  isAlive: (process: ProcessMark) => boolean | null;
  /**
   * Runs one reading or one transaction: repeats it as a whole while the database is busy, and turns the database's
   * errors into ours.
   */
  attempt: <T>(work: () => Promise<T>) => Promise<T>;
}

/** All queries of the history, the same for every SQL dialect. What differs lies in the parts. */
export class KyselyHistory implements History {
  readonly #parts: KyselyHistoryParts;

  constructor(parts: KyselyHistoryParts) {
    this.#parts = parts;
  }

  async startRun(run: { command: string; parent?: string | null; at?: Day | null }): Promise<string> {
    const parent = run.parent ?? null;
    return this.#write(async (transaction) => {
      if (parent !== null) {
        await expectRun(transaction, parent);
      }
      const now = this.#parts.clock();
      const id = this.#parts.newId(now);
      await transaction
        .insertInto('runs')
        .values(
          startedRow({ id, parent, command: run.command, at: run.at ?? null }, now, this.#parts.process),
        )
        .execute();
      return id;
    });
  }

  async finishRun(id: string, outcome: Parameters<History['finishRun']>[1]): Promise<void> {
    await this.#write(async (transaction) => {
      const { status, exit_code, at, reads, writes, result, error } = outcome;
      const { numUpdatedRows } = await transaction
        .updateTable('runs')
        .set({
          status,
          exit_code,
          finished_at: this.#parts.clock().toISOString(),
          ...(at !== undefined && { as_of: at }),
          ...(reads && { reads: toJson(reads) }),
          ...(writes && { writes: toJson(writes) }),
          ...(result && { result: toJson(result) }),
          ...(error && { error: toJson(error) }),
        })
        .where('id', '=', id)
        .where('finished_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) {
        await refuseFinish(transaction, id);
      }
    });
  }

  async runs(filter: { command?: string; parent?: string; limit?: number } = {}): Promise<Run[]> {
    return this.#read(async (db) => {
      let query = db.selectFrom('runs').selectAll().orderBy('id', 'desc');
      query = filter.command === undefined ? query : query.where('command', '=', filter.command);
      query = filter.parent === undefined ? query : query.where('parent', '=', filter.parent);
      query = filter.limit === undefined ? query : query.limit(filter.limit);
      return (await query.execute()).map((row) => asRun(row, this.#parts.isAlive));
    });
  }

  async run(id: string): Promise<Run> {
    return asRun(await this.#read((db) => findRun(db, id)), this.#parts.isAlive);
  }

  async addReport<T>(report: Omit<Report<T>, 'id' | 'created_at'>): Promise<string> {
    const { run, kind, version, status } = report;
    const body = toJson(report.body);
    return this.#write(async (transaction) => {
      await expectRun(transaction, run);
      const now = this.#parts.clock();
      const id = this.#parts.newId(now);
      const created_at = now.toISOString();
      await transaction
        .insertInto('reports')
        .values({ id, run, kind, as_of: report.at, version, status, created_at, body })
        .execute();
      return id;
    });
  }

  async reports<T>(filter: {
    kind?: ReportKind;
    run?: string;
    version?: string;
    until?: Day;
    limit?: number;
  }): Promise<Report<T>[]> {
    return this.#read(async (db) => {
      let query = db
        .selectFrom('reports')
        .selectAll()
        .orderBy('as_of', (order) => order.desc().nullsLast())
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc');
      query = filter.kind === undefined ? query : query.where('kind', '=', filter.kind);
      query = filter.run === undefined ? query : query.where('run', '=', filter.run);
      query = filter.version === undefined ? query : query.where('version', '=', filter.version);
      query = filter.until === undefined ? query : query.where('as_of', '<=', filter.until);
      query = filter.limit === undefined ? query : query.limit(filter.limit);
      return (await query.execute()).map((row) => asReport<T>(row));
    });
  }

  async alias(name: AliasName): Promise<string | null> {
    return (await this.aliases())[name];
  }

  async aliases(): Promise<Record<AliasName, string | null>> {
    const rows = await this.#read((db) => db.selectFrom('aliases').selectAll().execute());
    const versionOf = (name: AliasName) => rows.find((row) => row.name === name)?.version ?? null;
    return { champion: versionOf('champion'), challenger: versionOf('challenger') };
  }

  async moveAlias(move: Parameters<History['moveAlias']>[0]): Promise<void> {
    await this.#write(async (transaction) => {
      await expectRun(transaction, move.run);
      const number = await pointElsewhere(transaction, move);
      const now = this.#parts.clock();
      await transaction
        .insertInto('alias_moves')
        .values({
          id: this.#parts.newId(now),
          run: move.run,
          alias: move.alias,
          number,
          from_version: move.from,
          to_version: move.to,
          moved_at: now.toISOString(),
          because: move.because,
        })
        .execute();
    });
  }

  async aliasMoves(filter: { alias?: AliasName; limit?: number } = {}): Promise<AliasMove[]> {
    return this.#read(async (db) => {
      let query = db.selectFrom('alias_moves').selectAll();
      query =
        filter.alias === undefined
          ? query.orderBy('moved_at', 'desc').orderBy('number', 'desc').orderBy('id', 'desc')
          : query.where('alias', '=', filter.alias).orderBy('number', 'desc');
      query = filter.limit === undefined ? query : query.limit(filter.limit);
      return (await query.execute()).map(asAliasMove);
    });
  }

  async close(): Promise<void> {
    await this.#parts.db.destroy();
  }

  #read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#parts.attempt(() => work(this.#parts.db));
  }

  #write<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#parts.attempt(() => this.#parts.db.transaction().execute(work));
  }
}
