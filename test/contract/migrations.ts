import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MIGRATIONS } from '../../src/history/migrations/index.js';
import type { Migration } from '../../src/history/migrations/migration.js';
import { withCode } from './assertions.js';
import type { HistoryPlace } from './history.js';

const next = MIGRATIONS.length + 1;

export function migrationsGoForward(makePlace: () => Promise<HistoryPlace>): void {
  const inNewPlace = async (work: (place: HistoryPlace) => Promise<void>) => {
    const place = await makePlace();
    await work(place).finally(() => place.remove());
  };

  it('refuses a history that a newer program wrote, and names that program', () =>
    inNewPlace(async (place) => {
      const future = { number: next, name: 'future', up: async () => {} };
      const newer = await place.open({ program: 'churn-mlops 9.1.0', migrations: [...MIGRATIONS, future] });
      await newer.close();
      await assert.rejects(
        place.open(),
        withCode('history.newer', new RegExp(`schema ${next}.*churn-mlops 9\\.1\\.0`)),
      );
    }));

  it('applies only the migrations that are missing, in one transaction', () =>
    inNewPlace(async (place) => {
      const old = await place.open();
      const run = await old.startRun({ command: 'old' });
      await old.close();
      const broken: Migration = {
        number: next,
        name: 'broken',
        up: async (db) => {
          await db.deleteFrom('runs').execute();
          throw new Error('broken on purpose');
        },
      };
      await assert.rejects(place.open({ migrations: [...MIGRATIONS, broken] }), /broken on purpose/);
      const again = await place.open();
      assert.equal((await again.run(run)).command, 'old');
      await again.close();
    }));

  it('keeps what an older program wrote, and refuses to migrate it when told so', () =>
    inNewPlace(async (place) => {
      await assert.rejects(
        place.open({ migrate: 'manual' }),
        withCode('history.older', /an empty database.*churn-mlops migrate/),
      );
      const first = MIGRATIONS.slice(0, 1);
      await (await place.open({ migrations: first })).close();
      await assert.rejects(place.open({ migrate: 'manual' }), withCode('history.older', /schema 1;/));
      const applied: string[] = [];
      const opened = await Promise.all(
        [1, 2, 3, 4].map(() =>
          place.open({ onMigrate: (names) => applied.push(...names.map(({ name }) => name)) }),
        ),
      );
      assert.deepEqual(
        applied,
        MIGRATIONS.slice(1).map(({ name }) => name),
      );
      assert.deepEqual(await opened[0].aliases(), { champion: null, challenger: null });
      await Promise.all(opened.map((history) => history.close()));
      await (await place.open({ migrate: 'manual' })).close();
    }));
}
