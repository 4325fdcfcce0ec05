import { leaseLock } from '../../src/history/lease-lock.js';
import type { Lock } from '../../src/history/lock.js';
import { openPostgresHistory } from '../../src/history/postgres/open.js';
import { sqliteLock } from '../../src/history/sqlite/lock.js';

// Run as a process of its own: `hold-lock.js PLACE`. Holds the lock there until it is killed.
const [place] = process.argv.slice(2);
const clock = () => new Date();
const lock: Lock = place.startsWith('postgres:')
  ? leaseLock(await openPostgresHistory({ url: place, clock }), {
      name: 'jobs',
      leaseSeconds: 1,
      patienceSeconds: 30,
      onLost: () => process.exit(1),
    })
  : sqliteLock(place, 30);
await lock.acquire({});
console.log('held');
setInterval(() => undefined, 1000);
