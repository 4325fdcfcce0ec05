import type { Kysely, RawBuilder, Transaction } from 'kysely';
import type { Clock, Day, Window } from '../time.js';
import type {
  AliasMove,
  AliasName,
  History,
  MoveFilter,
  ProcessMark,
  Removed,
  Report,
  ReportFilter,
  Run,
  RunFilter,
} from './history.js';
import type { Entry, EntryFilter, EntryKind, NewEntry, Posted } from './inbox.js';
import type { Fence, Guarded, Lease } from './leases.js';
import type { ProfileSeries, StoredProfile } from './profiles.js';
import { listMoves, pointElsewhere, retire } from './queries/aliases.js';
import { expectFence } from './queries/fence.js';
import { FORGET } from './queries/forget.js';
import { listed, oldestOpen, postKind, settleEach } from './queries/inbox.js';
import { acquire, present, release, renew } from './queries/leases.js';
import { allSeries, merge, put, within } from './queries/profiles.js';
import { listReports } from './queries/reports.js';
import { expectRun, findRun, finish, insertRun, listRuns } from './queries/runs.js';
import {
  asAliasMove,
  asEntry,
  asProfile,
  asReport,
  asRun,
  plain,
  startedRow,
  toJson,
  toSortedJson,
} from './rows.js';
import type { Tables } from './schema.js';
import { exportLines } from './transfer/export.js';
import { importLines } from './transfer/import.js';

/** What the queries need of the database behind them and of the world. */
export interface KyselyHistoryParts {
  db: Kysely<Tables>;
  clock: Clock;
  /** The database's own clock, in milliseconds since 1970. */
  databaseTime: RawBuilder<number>;
  /** Ids that sort by time. */
  newId: (time: Date) => string;
  /** Who writes. */
  process: ProcessMark;
  /** Name and version of this program. */
  program: string;
  /** How the place is called in messages. */
  place: string;
  /** Whether a process lives; null when that cannot be seen from here. */
  isAlive: (process: ProcessMark) => boolean | null;
  /** The fence of guarded writes that name none. */
  fence: () => Fence | null;
  /**
   * Runs one reading or one transaction: repeats it as a whole while the database is busy or away, and turns the
   * database's errors into ours. Work is repeated even when it may have been committed.
   */
  attempt: <T>(work: () => Promise<T>) => Promise<T>;
  /** Turns an error of the database into ours, for work that cannot be repeated. */
  asOurs: (error: unknown) => unknown;
}

/** All queries of the history, the same for every SQL dialect. What differs lies in the parts. */
export class KyselyHistory implements History {
  readonly #parts: KyselyHistoryParts;

  constructor(parts: KyselyHistoryParts) {
    this.#parts = parts;
  }

  async startRun(run: { command: string; parent?: string | null; at?: Day | null }): Promise<string> {
    const { now, id } = this.#mark();
    const { command, parent = null, at = null } = run;
    const row = startedRow({ id, parent, command: plain(command), at }, now, this.#parts.process);
    await this.#write(async (transaction) => {
      if (parent !== null) {
        await expectRun(transaction, parent);
      }
      await insertRun(transaction, row);
    });
    return id;
  }

  async finishRun(id: string, outcome: Parameters<History['finishRun']>[1], guard?: Guarded): Promise<void> {
    const { status, exit_code, at, reads, writes, result, error } = outcome;
    const end = {
      status,
      exit_code,
      finished_at: this.#parts.clock().toISOString(),
      ...(at !== undefined && { as_of: at }),
      ...(reads && { reads: toJson(reads) }),
      ...(writes && { writes: toJson(writes) }),
      ...(result && { result: toJson(result) }),
      ...(error && { error: toJson(error) }),
    };
    await this.#guarded(guard, (transaction) => finish(transaction, id, end));
  }

  async runs(filter: RunFilter = {}): Promise<Run[]> {
    const rows = await this.#read((db) => listRuns(db, filter));
    return rows.map((row) => asRun(row, this.#parts.isAlive));
  }

  async run(id: string): Promise<Run> {
    return asRun(await this.#read((db) => findRun(db, id)), this.#parts.isAlive);
  }

  async addReport<T>(report: Omit<Report<T>, 'id' | 'created_at'>, guard?: Guarded): Promise<string> {
    const { now, id } = this.#mark();
    const { run, kind, at, version, status } = report;
    const row = {
      id,
      run,
      kind,
      as_of: at ?? '',
      version: plain(version),
      status: plain(status),
      created_at: now.toISOString(),
      body: toJson(report.body),
    };
    await this.#guarded(guard, async (transaction) => {
      await expectRun(transaction, run);
      await transaction
        .insertInto('reports')
        .values(row)
        .onConflict((c) => c.column('id').doNothing())
        .execute();
    });
    return id;
  }

  async reports<T>(filter: ReportFilter): Promise<Report<T>[]> {
    const rows = await this.#read((db) => listReports(db, filter));
    return rows.map((row) => asReport<T>(row));
  }

  async alias(name: AliasName): Promise<string | null> {
    return (await this.aliases())[name];
  }

  async aliases(): Promise<Record<AliasName, string | null>> {
    const rows = await this.#read((db) => db.selectFrom('aliases').selectAll().execute());
    const versionOf = (name: AliasName) => rows.find((row) => row.name === name)?.version ?? null;
    return { champion: versionOf('champion'), challenger: versionOf('challenger') };
  }

  async moveAlias(move: Parameters<History['moveAlias']>[0], guard?: Guarded): Promise<void> {
    const { now, id } = this.#mark();
    const { run, alias, from, to, because } = move;
    const row = { id, run, alias, from_version: from, to_version: plain(to), because: plain(because) };
    await this.#guarded(guard, async (transaction) => {
      await expectRun(transaction, run);
      const number = await pointElsewhere(transaction, id, move);
      if (number !== null) {
        const moved_at = now.toISOString();
        await transaction
          .insertInto('alias_moves')
          .values({ ...row, number, moved_at })
          .execute();
      }
    });
  }

  async aliasMoves(filter: MoveFilter = {}): Promise<AliasMove[]> {
    return (await this.#read((db) => listMoves(db, filter))).map(asAliasMove);
  }

  async retireVersion({ version, run }: { version: string; run: string }, guard?: Guarded): Promise<boolean> {
    const row = { version: plain(version), run, retired_at: this.#parts.clock().toISOString() };
    return this.#guarded(guard, async (transaction) => {
      await expectRun(transaction, run);
      return retire(transaction, row);
    });
  }

  async reinstateVersion(version: string): Promise<void> {
    await this.#write((transaction) =>
      transaction.deleteFrom('retired_versions').where('version', '=', version).execute(),
    );
  }

  async acquireLease(name: string, seconds: number): Promise<Fence | null> {
    const { now, id } = this.#mark();
    const { databaseTime, process } = this.#parts;
    const acquisition = { name: plain(name), seconds, holder: id, process, acquired_at: now.toISOString() };
    return this.#write((transaction) => acquire(transaction, databaseTime, acquisition));
  }

  async renewLease(fence: Fence, seconds: number): Promise<boolean> {
    return this.#write((transaction) => renew(transaction, this.#parts.databaseTime, fence, seconds));
  }

  async releaseLease(fence: Fence): Promise<void> {
    await this.#write((transaction) => release(transaction, fence));
  }

  async lease(name: string): Promise<Lease | null> {
    return this.#read((db) => present(db, this.#parts.databaseTime, name));
  }

  async post(entries: readonly NewEntry[]): Promise<Posted[]> {
    const posted_at = this.#parts.clock().toISOString();
    const rows = entries.map(({ kind, key, subject = null, body, at }) => ({
      kind,
      id: this.#mark().id,
      key: plain(key),
      subject: plain(subject),
      body: toSortedJson(body),
      at: plain(at),
      posted_at,
      settled_by: null,
      settled_at: null,
    }));
    const kinds = [...new Set(rows.map(({ kind }) => kind))].sort();
    return this.#write(async (transaction) => {
      const posted = new Map<string, Posted[]>();
      for (const kind of kinds) {
        const ofKind = rows.filter((row) => row.kind === kind);
        posted.set(kind, (await postKind(transaction, kind, ofKind)).reverse());
      }
      return rows.map(({ kind }) => posted.get(kind)!.pop()!);
    });
  }

  async entries<T>(filter: EntryFilter): Promise<Entry<T>[]> {
    return (await this.#read((db) => listed(db, filter))).map((row) => asEntry<T>(row));
  }

  async take<T>(filter: { kind: EntryKind; limit: number }, guard?: Guarded): Promise<Entry<T>[]> {
    const rows = await this.#guarded(guard, (transaction) =>
      oldestOpen(transaction, filter.kind, filter.limit),
    );
    return rows.map((row) => asEntry<T>(row));
  }

  async settle(
    { kind, positions, run }: { kind: EntryKind; positions: readonly number[]; run: string },
    guard?: Guarded,
  ): Promise<void> {
    const at = this.#parts.clock().toISOString();
    const inOrder = [...positions].sort((a, b) => a - b);
    await this.#guarded(guard, async (transaction) => {
      await expectRun(transaction, run);
      await settleEach(transaction, { kind, positions: inOrder, run, at });
    });
  }

  async putProfile({ series, window, body }: StoredProfile): Promise<void> {
    const row = { series: plain(series), from_day: window.from, to_day: window.to, body: toJson(body) };
    await this.#write((transaction) => put(transaction, row));
  }

  async profiles<T>({ series, window }: { series: string; window: Window }): Promise<StoredProfile<T>[]> {
    const rows = await this.#read((db) => within(db, series, window));
    return rows.map((row) => asProfile<T>(row));
  }

  async profileSeries(): Promise<ProfileSeries[]> {
    return this.#read(allSeries);
  }

  async mergeProfiles<T>(
    series: string,
    window: Window,
    merged: (profiles: StoredProfile<T>[]) => T,
  ): Promise<boolean> {
    return this.#write((transaction) => merge(transaction, series, window, merged));
  }

  async forget(before: Date): Promise<Removed> {
    const removed = { reports: 0, entries: 0, runs: 0 };
    for (const what of ['reports', 'entries', 'runs'] as const) {
      for (const some of FORGET[what]) {
        let count: number;
        do {
          count = await this.#write((transaction) => some(transaction, before.toISOString()));
          removed[what] += count;
        } while (count > 0);
      }
    }
    return removed;
  }

  exported(): AsyncIterable<string> {
    return exportLines(this.#parts);
  }

  imported(lines: AsyncIterable<string>): Promise<Record<string, number>> {
    return importLines(this.#parts, lines);
  }

  async close(): Promise<void> {
    await this.#parts.db.destroy();
  }

  /** Made before the first attempt of a write, so that a second attempt writes the same thing. */
  #mark(): { now: Date; id: string } {
    const now = this.#parts.clock();
    return { now, id: this.#parts.newId(now) };
  }

  #read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#parts.attempt(() => work(this.#parts.db));
  }

  #write<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#parts.attempt(() => this.#parts.db.transaction().execute(work));
  }

  #guarded<T>(
    guard: Guarded | undefined,
    work: (transaction: Transaction<Tables>) => Promise<T>,
  ): Promise<T> {
    const fence = guard?.fence === undefined ? this.#parts.fence() : guard.fence;
    return this.#write(async (transaction) => {
      await expectFence(transaction, fence);
      return work(transaction);
    });
  }
}
