import { after, before, describe } from 'node:test';
import { openPostgresHistory } from '../../src/history/postgres/open.js';
import { tickingClock } from '../contract/assertions.js';
import { historyContract } from '../contract/history.js';
import { type PostgresServer, startPostgres } from '../servers/postgres.js';

describe('the history on PostgreSQL', () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  historyContract('PostgreSQL', async () => {
    const url = await server.newDatabase();
    return {
      open: (options) => openPostgresHistory({ url, clock: tickingClock(), ...options }),
      remove: async () => undefined,
    };
  });
});
