import { setTimeout as sleep } from 'node:timers/promises';
import type { NotifyConfig } from '../config/notify.js';
import { messageOf } from '../error.js';
import type { History } from '../history/history.js';
import type { Entry } from '../history/inbox.js';
import type { Fence } from '../history/leases.js';
import type { Clock } from '../time.js';
import { type EndedJob, recordChanges } from './changes.js';
import { type Channel, channelsOf } from './channels.js';
import type { Notice } from './notice.js';

export interface Notifier {
  /** Tells what a job has changed. Never throws; how it went is on record. */
  jobEnded(job: EndedJob, traceparent?: string): Promise<void>;
}

export interface NotifierOptions {
  config: NotifyConfig;
  history: History;
  clock: Clock;
  /** Where the lines of the log channel go. */
  write(line: string): void;
  /** Told when the record itself failed. */
  onProblem(message: string): void;
  pauseMilliseconds?: number;
}

/** How a notice fared on a channel; kept in the run `notify`. */
interface Delivery {
  key: string;
  channel: Channel['name'];
  outcome: 'sent' | 'failed';
  attempts: number;
  because?: string;
}

const LEASE = 'notify';

/** Longer than any sending may take: a process that died sending holds the others up for this. */
const LEASE_SECONDS = 120;

/** How long a process waits for another one that is sending: that may have begun before our notice was there. */
const LEASE_TRIES = 40;
const LEASE_PAUSE_MILLISECONDS = 250;

/** Notices of one go; more are told after the next job. */
const NOTICES_TAKEN = 20;

/** Sending ends after this, whatever is left. */
const LONGEST_MILLISECONDS = 60_000;

/** Null when nobody is to be told. */
export function openNotifier(options: NotifierOptions): Notifier | null {
  const channels = channelsOf(options.config, options.write);
  return channels.length === 0
    ? null
    : {
        jobEnded: async (job, traceparent) => {
          try {
            await recordChanges(options.history, job, options.clock());
            await deliverAll(options, channels, { job, traceparent });
          } catch (error) {
            options.onProblem(`notices could not be sent: ${messageOf(error)}`);
          }
        },
      };
}

/** Sends what is open, also what a process that died left. One process at a time, so that nothing is sent twice. */
async function deliverAll(
  options: NotifierOptions,
  channels: Channel[],
  { job, traceparent }: { job: EndedJob; traceparent?: string },
): Promise<void> {
  const { history, config } = options;
  const fence = await leaseWhileOpen(history);
  if (fence === null) {
    return;
  }
  try {
    const open = await history.take<Notice>({ kind: 'notice', limit: NOTICES_TAKEN }, { fence });
    if (open.length === 0) {
      return;
    }
    const wanted = open.filter(({ body }) => !body.silent && config.events.includes(body.event));
    const run = await history.startRun({ command: 'notify', parent: job.run });
    const until = performance.now() + LONGEST_MILLISECONDS;
    const deliveries = await Promise.all(
      wanted.flatMap((entry) =>
        channels.map((channel) => deliver(options, channel, entry, { until, traceparent })),
      ),
    );
    const positions = open.map(({ position }) => position);
    await history.settle({ kind: 'notice', positions, run }, { fence });
    const failed = deliveries.filter(({ outcome }) => outcome === 'failed');
    await history.finishRun(
      run,
      {
        status: failed.length === 0 ? 'ok' : 'failed',
        exit_code: failed.length === 0 ? 0 : 74,
        result: { notices: wanted.length, deliveries },
        ...(failed.length > 0 && {
          error: {
            code: 'io.failed',
            message: failed.map(({ channel, key, because }) => `${channel}: ${key}: ${because}`).join('\n'),
          },
        }),
      },
      { fence: null },
    );
    failed.forEach(({ channel, because }) => {
      options.onProblem(`a notice could not be sent to ${channel}: ${because}`);
    });
  } finally {
    await history.releaseLease(fence).catch(() => undefined);
  }
}

/** Null when nothing is open, or when another process is at it for long: it, or the next job, sends what is left. */
async function leaseWhileOpen(history: History): Promise<Fence | null> {
  for (let tries = 0; tries < LEASE_TRIES; tries++) {
    if ((await history.take({ kind: 'notice', limit: 1 }, { fence: null })).length === 0) {
      return null;
    }
    const fence = await history.acquireLease(LEASE, LEASE_SECONDS);
    if (fence !== null) {
      return fence;
    }
    await sleep(LEASE_PAUSE_MILLISECONDS);
  }
  return null;
}

async function deliver(
  { config, pauseMilliseconds = 500 }: NotifierOptions,
  channel: Channel,
  { key, body }: Entry<Notice>,
  { until, traceparent }: { until: number; traceparent?: string },
): Promise<Delivery> {
  for (let attempts = 1; ; attempts++) {
    try {
      await channel.send(body, key, traceparent);
      return { key, channel: channel.name, outcome: 'sent', attempts };
    } catch (error) {
      if (attempts >= config.attempts || performance.now() > until) {
        return { key, channel: channel.name, outcome: 'failed', attempts, because: messageOf(error) };
      }
      await sleep(pauseMilliseconds * 2 ** (attempts - 1));
    }
  }
}
