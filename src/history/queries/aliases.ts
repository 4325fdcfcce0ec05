import type { Kysely, Transaction } from 'kysely';
import { ChurnError } from '../../error.js';
import type { History, MoveFilter } from '../history.js';
import type { AliasMoveRow, RetiredVersionRow, Tables } from '../schema.js';

type Move = Parameters<History['moveAlias']>[0];

export function listMoves(db: Kysely<Tables>, { alias, runs, limit }: MoveFilter): Promise<AliasMoveRow[]> {
  let query = db.selectFrom('alias_moves').selectAll();
  query =
    alias === undefined
      ? query.orderBy('moved_at', 'desc').orderBy('number', 'desc').orderBy('id', 'desc')
      : query.where('alias', '=', alias).orderBy('number', 'desc');
  query = runs === undefined ? query : query.where('run', 'in', runs);
  query = limit === undefined ? query : query.limit(limit);
  return query.execute();
}

/**
 * Compare and set. The update itself compares, so that two writers cannot both succeed on any isolation level.
 * @returns the number of this move in the line of the alias's moves; null when the move `id` is on record already, made
 * by an earlier attempt whose answer was lost.
 */
export async function pointElsewhere(
  transaction: Transaction<Tables>,
  id: string,
  move: Move,
): Promise<number | null> {
  const moved = await transaction
    .updateTable('aliases')
    .set((eb) => ({ version: move.to, moves: eb('moves', '+', 1) }))
    .where('name', '=', move.alias)
    .where('version', move.from === null ? 'is' : '=', move.from)
    .returning('moves')
    .executeTakeFirst();
  if (moved) {
    await refuseRetired(transaction, move.to);
    return moved.moves;
  }
  const recorded = await transaction
    .selectFrom('alias_moves')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (recorded) {
    return null;
  }
  const present = await transaction
    .selectFrom('aliases')
    .leftJoin('alias_moves', (join) =>
      join.onRef('alias_moves.alias', '=', 'aliases.name').onRef('alias_moves.number', '=', 'aliases.moves'),
    )
    .select(['aliases.version', 'alias_moves.run', 'alias_moves.moved_at'])
    .where('aliases.name', '=', move.alias)
    .executeTakeFirst();
  throw aliasConflict(move, present);
}

/** The alias's row is locked by now, and who retires a version locks it too: none of both sees half of the other. */
async function refuseRetired(transaction: Transaction<Tables>, version: string | null): Promise<void> {
  const retired = await transaction
    .selectFrom('retired_versions')
    .selectAll()
    .where('version', '=', version ?? '')
    .executeTakeFirst();
  if (retired) {
    throw new ChurnError('history.conflict', {
      expected: `a version to point to; ${retired.version} is being removed`,
      came: `retired by run ${retired.run} at ${retired.retired_at}`,
      fix: 'train it again, or name another version',
    });
  }
}

/** @returns false when an alias points to the version or ever did */
export async function retire(transaction: Transaction<Tables>, row: RetiredVersionRow): Promise<boolean> {
  // Changes nothing, but locks the rows until this transaction is over.
  await transaction
    .updateTable('aliases')
    .set((eb) => ({ moves: eb.ref('moves') }))
    .execute();
  const moved = await transaction
    .selectFrom('alias_moves')
    .select('id')
    .where('to_version', '=', row.version)
    .limit(1)
    .executeTakeFirst();
  if (moved) {
    return false;
  }
  await transaction
    .insertInto('retired_versions')
    .values(row)
    .onConflict((c) => c.column('version').doNothing())
    .execute();
  return true;
}

type PresentAlias = { version: string | null } & Partial<Record<'run' | 'moved_at', string | null>>;

function aliasConflict(move: Move, present: PresentAlias | undefined): ChurnError {
  const moved = present?.run ? `, moved by run ${present.run} at ${present.moved_at}` : '';
  return new ChurnError('history.conflict', {
    expected: `the alias ${move.alias} to point to ${move.from ?? 'nothing'}`,
    came: `${present?.version ?? 'nothing'}${moved}`,
    fix: 'look again and decide anew',
  });
}
