import { sql } from '../engine/sql.js';
import type { Check } from './check.js';

export const empty: Check = {
  id: 'empty',
  title: 'both sources have rows',
  severity: 'error',
  run: async ({ engine, users, events, signal }) => {
    const problems = await Promise.all(
      Object.entries({ users, events } as const).map(async ([source, { relation }]) => {
        const [{ any_row }] = await engine.rows<{ any_row: number }>(
          sql`SELECT count(*) AS any_row FROM ${relation} AS source`,
          signal,
        );
        return any_row > 0
          ? []
          : [
              {
                severity: empty.severity,
                source: source as 'users' | 'events',
                message: `expected ${source}; got an empty table`,
                rows: 0,
                examples: [],
              },
            ];
      }),
    );
    return problems.flat();
  },
};
