import type { Kysely, Transaction } from 'kysely';
import { ChurnError } from '../../error.js';
import type { Day, Window } from '../../time.js';
import type { ProfileSeries, StoredProfile } from '../profiles.js';
import { asProfile, toJson } from '../rows.js';
import type { ProfileRow, Tables } from '../schema.js';

/** Writers of a series take turns. @returns the day up to which its days were merged */
async function lockSeries(transaction: Transaction<Tables>, series: string): Promise<Day | null> {
  const { merged_until } = await transaction
    .insertInto('profile_series')
    .values({ series, merged_until: null })
    .onConflict((c) =>
      c.column('series').doUpdateSet((eb) => ({ merged_until: eb.ref('profile_series.merged_until') })),
    )
    .returning('merged_until')
    .executeTakeFirstOrThrow();
  return merged_until;
}

export async function put(transaction: Transaction<Tables>, row: ProfileRow): Promise<void> {
  const merged = await lockSeries(transaction, row.series);
  if (merged !== null && row.from_day < merged) {
    throw new ChurnError('history.conflict', {
      expected: `a profile of ${row.series} from ${merged} on`,
      came: `one from ${row.from_day} on; the days before were merged into months`,
    });
  }
  await transaction
    .insertInto('profiles')
    .values(row)
    .onConflict((c) => c.columns(['series', 'from_day']).doUpdateSet({ to_day: row.to_day, body: row.body }))
    .execute();
}

/** Those that lie within the window, oldest first. */
export function within(db: Kysely<Tables>, series: string, { from, to }: Window): Promise<ProfileRow[]> {
  return db
    .selectFrom('profiles')
    .selectAll()
    .where('series', '=', series)
    .where('from_day', '>=', from)
    .where('from_day', '<', to)
    .where('to_day', '<=', to)
    .orderBy('from_day')
    .execute();
}

export async function merge<T>(
  transaction: Transaction<Tables>,
  series: string,
  window: Window,
  merged: (profiles: StoredProfile<T>[]) => T,
): Promise<boolean> {
  await lockSeries(transaction, series);
  const rows = await within(transaction, series, window);
  if (rows.length === 0) {
    return false;
  }
  const { from: from_day, to: to_day } = window;
  const body = toJson(merged(rows.map((row) => asProfile<T>(row))));
  await transaction
    .deleteFrom('profiles')
    .where('series', '=', series)
    .where('from_day', '>=', from_day)
    .where('from_day', '<', to_day)
    .where('to_day', '<=', to_day)
    .execute();
  await transaction.insertInto('profiles').values({ series, from_day, to_day, body }).execute();
  await transaction
    .updateTable('profile_series')
    .set({ merged_until: to_day })
    .where('series', '=', series)
    .execute();
  return true;
}

export function allSeries(db: Kysely<Tables>): Promise<ProfileSeries[]> {
  return db
    .selectFrom('profile_series')
    .select(['series', 'merged_until'])
    .select((eb) =>
      eb
        .selectFrom('profiles')
        .select((e) => e.fn.min('from_day').as('from'))
        .whereRef('profiles.series', '=', 'profile_series.series')
        .where('from_day', '>=', (e) => e.fn.coalesce('profile_series.merged_until', e.val('')))
        .as('from'),
    )
    .orderBy('series')
    .execute();
}
