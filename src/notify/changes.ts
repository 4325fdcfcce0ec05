import type { History } from '../history/history.js';
import type { Entry, NewEntry } from '../history/inbox.js';
import type { DriftReport } from '../monitor/drift/report.js';
import type { Notice } from './notice.js';

/** A job that has ended. */
export interface EndedJob {
  command: string;
  run: string;
  /** Why it failed; null when it did its work. */
  failed: string | null;
}

export type NoticeHistory = Pick<History, 'reports' | 'aliasMoves' | 'entries' | 'post'>;

/** A promotion that was found later than this is no news. */
const NEWS_MILLISECONDS = 86_400_000;

/**
 * Puts on record which states have changed since they were last put on record. A key names the state and the record before
 * it, so that of several processes that see the same change one records it, and reruns record nothing.
 */
export async function recordChanges(history: NoticeHistory, job: EndedJob, now: Date): Promise<void> {
  const notices = [
    await driftNotice(history),
    await decisionNotice(history),
    await promotionNotice(history, now),
    failureNotice(job),
  ];
  for (const notice of notices) {
    if (notice !== null) {
      await recordChange(history, notice, now);
    }
  }
}

type Found = Omit<Notice, 'silent' | 'at'> & {
  /** Where a subject without a record stands; its being so is no news. */
  start: string;
  /** Not told, though it ends the state before. */
  quiet?: boolean;
};

async function recordChange(
  history: NoticeHistory,
  { start, quiet, ...found }: Found,
  now: Date,
): Promise<void> {
  const last = await lastOf(history, found.subject);
  if (found.state === (last?.body.state ?? start)) {
    return;
  }
  const notice: Notice = { ...found, at: now.toISOString(), silent: quiet === true };
  const entry: NewEntry<Notice> = {
    kind: 'notice',
    key: `${found.subject} ${found.state} after ${last?.position ?? 0}`,
    subject: found.subject,
    body: notice,
    at: notice.at,
  };
  await history.post([entry]);
}

async function lastOf(history: NoticeHistory, subject: string): Promise<Entry<Notice> | null> {
  return (await history.entries<Notice>({ kind: 'notice', subject })).at(-1) ?? null;
}

/** FAIL, and back to OK; in between it stays what it was. */
async function driftNotice(history: NoticeHistory): Promise<Found | null> {
  const [report] = await history.reports<DriftReport>({ kind: 'drift', limit: 1 });
  if (report === undefined || !['FAIL', 'OK'].includes(report.status)) {
    return null;
  }
  const psi = report.body.overall_max_psi;
  const largest = psi === null ? '' : `; the largest PSI is ${psi.toFixed(3)}`;
  return {
    event: 'drift',
    subject: 'drift',
    state: report.status,
    start: 'OK',
    run: report.run,
    text:
      report.status === 'FAIL'
        ? `Drift on ${report.at} against ${report.version}${largest}.`
        : `No drift any more on ${report.at} against ${report.version}${largest}.`,
  };
}

async function decisionNotice(history: NoticeHistory): Promise<Found | null> {
  const [report] = await history.reports<{ because: string }>({ kind: 'decision', limit: 1 });
  return report === undefined
    ? null
    : {
        event: 'decision',
        subject: 'decision',
        state: report.status,
        start: 'wait',
        run: report.run,
        text: `A retrain is needed on ${report.at}: ${report.body.because}`,
        quiet: report.status !== 'retrain',
      };
}

async function promotionNotice(history: NoticeHistory, now: Date): Promise<Found | null> {
  const [move] = await history.aliasMoves({ alias: 'champion', limit: 1 });
  if (
    move === undefined ||
    move.to === null ||
    now.getTime() - Date.parse(move.moved_at) > NEWS_MILLISECONDS
  ) {
    return null;
  }
  return {
    event: 'promotion',
    subject: 'champion',
    // The same version may be promoted again, after a rollback.
    state: `${move.to} by ${move.id}`,
    start: '',
    run: move.run,
    text: `${move.to} is the champion${move.from === null ? '' : ` instead of ${move.from}`}: ${move.because}`,
  };
}

function failureNotice({ command, run, failed }: EndedJob): Found {
  return {
    event: 'failure',
    subject: `job ${command}`,
    state: failed === null ? 'works' : 'failed',
    start: 'works',
    run,
    text: failed === null ? `\`${command}\` works again.` : `\`${command}\` failed: ${failed}`,
  };
}
