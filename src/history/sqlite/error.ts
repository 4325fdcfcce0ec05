import { ChurnError, messageOf } from '../../error.js';

/** True when another connection held the lock; the same work may succeed later. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

const PLACE_FAILED: Record<string, string> = {
  SQLITE_FULL: 'the disk is full',
  SQLITE_READONLY: 'the file or its folder is read-only',
  SQLITE_PERM: 'permission is denied',
  SQLITE_CANTOPEN: 'the file cannot be opened or made',
  SQLITE_IOERR: 'the disk failed',
};

/** Turns an error of SQLite into ours; what is none of the known ones is a fault of ours and passes through. */
export function asHistoryError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (isBusy(error)) {
    const expected = `to write the history ${path}`;
    const came = 'other processes held its lock for the longest we wait';
    return new ChurnError('lock.held', { expected, came, fix: 'try again' }, error);
  }
  if (/^SQLITE_(NOTADB|CORRUPT|IOERR_SHORT_READ)/.test(code)) {
    const fix = 'restore it from a copy, or move it away to begin an empty history';
    const detail = { expected: `a sound SQLite file in ${path}`, came: messageOf(error), fix };
    return new ChurnError('input.unreadable', detail, error);
  }
  const family = code.split('_', 2).join('_');
  // libsql does not always say why in the code.
  const readOnly = /readonly database/.test(messageOf(error)) ? PLACE_FAILED.SQLITE_READONLY : undefined;
  const reason =
    PLACE_FAILED[family] ?? readOnly ?? (isConnectionFailure(error) ? PLACE_FAILED.SQLITE_CANTOPEN : null);
  if (reason !== null && reason !== undefined) {
    const came = `${reason} (${messageOf(error)})`;
    return new ChurnError('io.failed', { expected: `to read and write the history ${path}`, came }, error);
  }
  return error;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** libsql reports a failure to open as a plain Error without a code. */
function isConnectionFailure(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('ConnectionFailed');
}
