import type { Kysely, Transaction } from 'kysely';
import { ChurnError } from '../error.js';
import type { RunStatus } from './history.js';
import { idsBeginning } from './run-id.js';
import type { RunRow, Tables } from './schema.js';

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

export async function expectRun(transaction: Transaction<Tables>, id: string): Promise<RunStatus> {
  const found = await transaction.selectFrom('runs').select('status').where('id', '=', id).executeTakeFirst();
  if (!found) {
    throw runUnknown(id, []);
  }
  return found.status;
}

export async function refuseFinish(transaction: Transaction<Tables>, id: string): Promise<never> {
  const status = await expectRun(transaction, id);
  throw new ChurnError('history.conflict', {
    expected: `the run ${id} to be unfinished`,
    came: `status ${status}`,
  });
}

export function runUnknown(id: string, candidates: string[]): ChurnError {
  return new ChurnError('history.run_unknown', {
    expected: 'the id of a run or an unambiguous beginning of one',
    came: candidates.length === 0 ? `"${id}"` : `"${id}", with which begin ${candidates.join(', ')}`,
    fix: 'see churn-mlops history',
  });
}
