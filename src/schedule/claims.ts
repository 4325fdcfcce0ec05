import type { LineName } from '../config/schedule.js';
import type { History } from '../history/history.js';
import { type KeptLease, keepLease } from '../history/keep-lease.js';
import type { Fence } from '../history/leases.js';
import { claimSlot } from '../history/slots.js';
import type { Log } from '../log.js';
import { LINE_COMMANDS, TRIGGER_COMMANDS } from './lines.js';
import type { Task } from './task.js';

export interface Claims {
  /** The run of a line at a due time; null when it is, or was, somebody else's. */
  slot(line: LineName, due: Date, missed: readonly Date[]): Promise<Task | null>;
  /** One retrain for all open triggers; null when there are none, or somebody else is at it. */
  triggers(): Promise<Task | null>;
}

const TRIGGERS_LEASE = 'triggers';

/** Triggers that one task answers; the retrain itself may find more. */
const TRIGGERS_TAKEN = 10_000;

/** Takes work so that of many schedulers one does it. What was taken stays ours, queued or running, until it is given back. */
export function claimsOf(history: History, leaseSeconds: number, log: Log): Claims {
  const keep = (fence: Fence): { lease: KeptLease; giveBack: () => Promise<void> } => {
    const lease = keepLease(history, fence, { leaseSeconds });
    return {
      lease,
      giveBack: async () => {
        await lease.stop();
        await history.releaseLease(fence).catch(() => undefined);
      },
    };
  };
  return {
    slot: async (line, due, missed) => {
      const claim = await claimSlot(history, { line, due: due.toISOString(), seconds: leaseSeconds });
      if (claim === null) {
        return null;
      }
      const { lease, giveBack } = keep(claim.fence);
      return {
        line,
        commands: LINE_COMMANDS[line],
        facts: {
          due: due.toISOString(),
          ...(missed.length > 0 && { missed: missed.map((time) => time.toISOString()) }),
        },
        lease,
        giveBack,
        done: async (run) => {
          await lease.stop();
          await claim.done(run);
        },
      };
    },
    triggers: async () => {
      // A look without the lease first: most of the time there is nothing.
      if ((await history.take({ kind: 'trigger', limit: 1 }, { fence: null })).length === 0) {
        return null;
      }
      const fence = await history.acquireLease(TRIGGERS_LEASE, leaseSeconds);
      if (fence === null) {
        return null;
      }
      const { lease, giveBack } = keep(fence);
      const open = await history.take({ kind: 'trigger', limit: TRIGGERS_TAKEN }, { fence });
      if (open.length === 0) {
        await giveBack();
        return null;
      }
      const keys = open.map(({ key }) => key);
      return {
        line: TRIGGERS_LEASE,
        commands: TRIGGER_COMMANDS,
        facts: { triggers: keys.slice(0, 100), count: keys.length },
        lease,
        giveBack,
        // The retrain has settled what it answers. What it left open it failed at, for good.
        done: async (run) => {
          const left = await history.take({ kind: 'trigger', limit: TRIGGERS_TAKEN }, { fence });
          const taken = new Set(open.map(({ position }) => position));
          const positions = left.map(({ position }) => position).filter((position) => taken.has(position));
          if (positions.length > 0) {
            await history.settle({ kind: 'trigger', positions, run }, { fence });
            log.error(
              { run, triggers: positions.length },
              'triggers are given up: the retrain for them failed',
            );
          }
          await giveBack();
        },
      };
    },
  };
}
