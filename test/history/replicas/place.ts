import type { History } from '../../../src/history/history.js';
import { openPostgresHistory } from '../../../src/history/postgres/open.js';
import { openSqliteHistory } from '../../../src/history/sqlite/open.js';

/** Opens what a server's address or a path names, as a replica does: patient. */
export function openPlace(place: string): Promise<History> {
  const options = { clock: () => new Date(), patienceMilliseconds: 120_000 };
  return place.startsWith('postgres:')
    ? openPostgresHistory({ ...options, url: place, pool: { connections: 2 } })
    : openSqliteHistory({ ...options, path: place });
}
