import { setTimeout as sleep } from 'node:timers/promises';
import type { Inbox } from '../history/inbox.js';
import type { Log } from '../log.js';
import type { Clock } from '../time.js';

/** Starts a job for a trigger; again for the same one it is known. @throws ChurnError kubernetes.failed */
export type StartJob = (trigger: string) => Promise<{ name: string | null; outcome: 'created' | 'known' }>;

export interface TriggerStarter {
  /** Looks now instead of at the next look. */
  look(): void;
  close(): Promise<void>;
}

export interface TriggerStarterOptions {
  inbox: Pick<Inbox, 'take'>;
  start: StartJob;
  everyMilliseconds: number;
  clock: Clock;
  log: Log;
}

/** Triggers that are looked at in one go. */
const TRIGGERS_READ = 1000;

/** An older trigger whose job has come to nothing is left for the next retrain of the schedule. */
const DAY_MILLISECONDS = 86_400_000;

/**
 * Starts a job for each open trigger, whoever recorded it and whenever: what could not be started is tried again at the
 * next look. Many servers may do this at once, since a job's name is its trigger's.
 */
export function startTriggers(options: TriggerStarterOptions): TriggerStarter {
  const { inbox, start, everyMilliseconds, clock, log } = options;
  const started = new Set<string>();
  const ending = new AbortController();
  let awake = new AbortController();

  async function lookOnce(): Promise<void> {
    const open = await inbox.take({ kind: 'trigger', limit: TRIGGERS_READ }, { fence: null });
    const keys = new Set(open.map(({ key }) => key));
    for (const key of started) {
      if (!keys.has(key)) {
        started.delete(key);
      }
    }
    const since = clock().getTime() - DAY_MILLISECONDS;
    for (const { key, posted_at } of open) {
      if (!started.has(key) && Date.parse(posted_at) >= since) {
        const { name, outcome } = await start(key);
        started.add(key);
        if (outcome === 'created') {
          log.info({ key, job: name }, 'a job is started for a trigger');
        }
      }
    }
  }

  async function lookAlways(): Promise<void> {
    while (!ending.signal.aborted) {
      awake = new AbortController();
      await lookOnce().catch((error) =>
        log.error({ err: error }, 'no job could be started for a trigger; it is tried again'),
      );
      const signal = AbortSignal.any([ending.signal, awake.signal]);
      await sleep(everyMilliseconds, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const looking = lookAlways();
  return {
    look: () => awake.abort(),
    close: async () => {
      ending.abort();
      await looking;
    },
  };
}
