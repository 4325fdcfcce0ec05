import type { Kysely, Transaction } from 'kysely';
import { ChurnError } from '../../error.js';
import type { RunFilter } from '../history.js';
import { idsBeginning } from '../run-id.js';
import type { RunRow, Tables } from '../schema.js';

export function listRuns(db: Kysely<Tables>, { command, parent, limit }: RunFilter): Promise<RunRow[]> {
  let query = db.selectFrom('runs').selectAll().orderBy('id', 'desc');
  query = command === undefined ? query : query.where('command', '=', command);
  query = parent === undefined ? query : query.where('parent', '=', parent);
  query = limit === undefined ? query : query.limit(limit);
  return query.execute();
}

/** The one run whose id is or begins with the text. @throws history.run_unknown when there is none or several. */
export async function findRun(db: Kysely<Tables>, id: string): Promise<RunRow> {
  const range = idsBeginning(id);
  const found = range
    ? await db
        .selectFrom('runs')
        .selectAll()
        .where('id', '>=', range.first)
        .where('id', '<=', range.last)
        .orderBy('id')
        .limit(3)
        .execute()
    : [];
  if (found.length !== 1) {
    throw runUnknown(
      id,
      found.map((row) => row.id),
    );
  }
  return found[0];
}

/** @throws history.run_unknown */
export async function expectRun(transaction: Transaction<Tables>, id: string): Promise<void> {
  const found = await transaction.selectFrom('runs').select('id').where('id', '=', id).executeTakeFirst();
  if (!found) {
    throw runUnknown(id, []);
  }
}

/** Inserts unless an earlier attempt did, whose answer was lost. @throws history.conflict when the id is another run's */
export async function insertRun(transaction: Transaction<Tables>, row: RunRow): Promise<void> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('runs')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) {
    const found = await findRun(transaction, row.id);
    if (found.process_id !== row.process_id || found.host !== row.host || found.command !== row.command) {
      throw new ChurnError('history.conflict', {
        expected: `the id ${row.id} to be free`,
        came: `a run of process ${found.process_id} on ${found.host}`,
        fix: 'try again',
      });
    }
  }
}

type Finish = Partial<RunRow> & Pick<RunRow, 'finished_at' | 'status'>;

/** Writes the end of a run once; again with the same time and status it is the same end, whose answer was lost. */
export async function finish(transaction: Transaction<Tables>, id: string, end: Finish): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('runs')
    .set(end)
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) {
    return;
  }
  const found = await transaction
    .selectFrom('runs')
    .select(['status', 'finished_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!found) {
    throw runUnknown(id, []);
  }
  if (found.finished_at !== end.finished_at || found.status !== end.status) {
    throw new ChurnError('history.conflict', {
      expected: `the run ${id} to be unfinished`,
      came: `status ${found.status}`,
    });
  }
}

function runUnknown(id: string, candidates: string[]): ChurnError {
  return new ChurnError('history.run_unknown', {
    expected: 'the id of a run or an unambiguous beginning of one',
    came: candidates.length === 0 ? `"${id}"` : `"${id}", with which begin ${candidates.join(', ')}`,
    fix: 'see churn-mlops history',
  });
}
