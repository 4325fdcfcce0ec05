import type { Transaction } from 'kysely';
import type { EntryKind } from '../inbox.js';
import type { Tables } from '../schema.js';

/** Rows per transaction, so that others wait for a moment only. */
const ROWS_AT_ONCE = 1000;

/** What the inbox forgets once it was dealt with. Outcomes are data, and stay. */
const PASSING: readonly EntryKind[] = ['trigger', 'swap', 'slot', 'notice'];

type Forget = (transaction: Transaction<Tables>, before: string) => Promise<number>;

/** Reports about a version, or about none, of whose kind and version there is a newer one. */
const reportsAbout =
  (version: 'some' | 'none'): Forget =>
  async (transaction, before) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('reports')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('reports as old')
          .select('old.id')
          .where('old.created_at', '<', before)
          .where('old.version', version === 'some' ? 'is not' : 'is', null)
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom('reports as newer')
                .select('newer.id')
                .whereRef('newer.kind', '=', 'old.kind')
                .$if(version === 'some', (q) => q.whereRef('newer.version', '=', 'old.version'))
                .$if(version === 'none', (q) => q.where('newer.version', 'is', null))
                .whereRef('newer.as_of', '>=', 'old.as_of')
                .where(({ or, eb: e }) =>
                  or([e('newer.as_of', '>', e.ref('old.as_of')), e('newer.id', '>', e.ref('old.id'))]),
                ),
            ),
          )
          .orderBy('old.created_at')
          .limit(ROWS_AT_ONCE),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  };

const settledEntries =
  (kind: EntryKind): Forget =>
  async (transaction, before) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('inbox')
      .where('kind', '=', kind)
      .where('position', 'in', (eb) =>
        eb
          .selectFrom('inbox as old')
          .select('old.position')
          .where('old.kind', '=', kind)
          .where('old.settled_at', '<', before)
          .orderBy('old.settled_at')
          .limit(ROWS_AT_ONCE),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  };

/** Finished runs to which no report, alias move, entry, retirement or other run refers. */
const unreferencedRuns: Forget = async (transaction, before) => {
  const { numDeletedRows } = await transaction
    .deleteFrom('runs')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('runs as old')
        .select('old.id')
        .where('old.finished_at', '<', before)
        .where(({ not, exists, selectFrom, and }) =>
          and([
            not(exists(selectFrom('reports').select('reports.id').whereRef('reports.run', '=', 'old.id'))),
            not(exists(selectFrom('alias_moves').select('alias_moves.id').whereRef('run', '=', 'old.id'))),
            not(exists(selectFrom('inbox').select('inbox.key').whereRef('settled_by', '=', 'old.id'))),
            not(
              exists(
                selectFrom('retired_versions').select('retired_versions.run').whereRef('run', '=', 'old.id'),
              ),
            ),
            not(exists(selectFrom('runs as part').select('part.id').whereRef('part.parent', '=', 'old.id'))),
          ]),
        )
        .orderBy('old.finished_at')
        .limit(ROWS_AT_ONCE),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** In an order in which what refers goes before what it refers to. */
export const FORGET = {
  reports: [reportsAbout('some'), reportsAbout('none')],
  entries: PASSING.map(settledEntries),
  runs: [unreferencedRuns],
} as const satisfies Record<string, readonly Forget[]>;
