import { ChurnError, messageOf } from '../../error.js';

/** busy: the same work may succeed at once. away: the server does not answer, or not yet, or not any more. */
type Trouble = 'busy' | 'away';

/** SQLSTATE classes and codes, and codes of Node, after which work may be repeated. */
const TROUBLES: [pattern: RegExp, trouble: Trouble][] = [
  // Serialization, deadlock, lock not available in time; a row that was there when it was looked for was removed.
  [/^(40001|40P01|55P03|23503)$/, 'busy'],
  // Connection exceptions, too many connections, shutting down or starting up, a standby that cannot write, a
  // transaction that lay idle for too long.
  [/^(08...|53300|57P0[1-3]|25006|25P03)$/, 'away'],
  [/^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/, 'away'],
  [/^(ENOTFOUND|ENOENT)$/, 'away'],
];

/** pg tells these without a code. */
const AWAY_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|This socket has been ended)/;

const REFUSED: Record<string, string> = {
  '28P01': 'a wrong password',
  '28000': 'no such user, or one who may not connect',
  '3D000': 'no database of that name',
  '42501': 'a user without the right to do that',
  '3F000': 'no schema to make tables in',
};

const DISK: Record<string, string> = {
  '53100': 'its disk is full',
  '53200': 'it is out of memory',
  '58030': 'its disk failed',
};

export function troubleOf(error: unknown): Trouble | null {
  const code = codeOf(error);
  const known = TROUBLES.find(([pattern]) => pattern.test(code))?.[1];
  return known ?? (AWAY_MESSAGES.test(messageOf(error)) ? 'away' : null);
}

/** Turns an error of PostgreSQL into ours; what is none of the known ones is a fault of ours and passes through. */
export function asHistoryError(error: unknown, place: string): unknown {
  const code = codeOf(error);
  const said = messageOf(error) || code;
  const trouble = troubleOf(error);
  if (trouble === 'busy') {
    const came = `others held its locks for the longest we wait (${said})`;
    return new ChurnError(
      'lock.held',
      { expected: `to write the history ${place}`, came, fix: 'try again' },
      error,
    );
  }
  if (trouble === 'away') {
    const fix = 'see whether the server runs and is reachable, then try again';
    return new ChurnError(
      'history.away',
      { expected: `an answer of the history ${place}`, came: said, fix },
      error,
    );
  }
  if (code === '57014') {
    const came = `${said}; see history.statement_seconds`;
    return new ChurnError(
      'history.away',
      { expected: `an answer of the history ${place} in time`, came },
      error,
    );
  }
  if (REFUSED[code]) {
    const came = `${REFUSED[code]} (${said})`;
    const fix = 'correct history.url (CHURN_HISTORY_URL)';
    return new ChurnError('config.invalid', { expected: `to use the history ${place}`, came, fix }, error);
  }
  if (DISK[code]) {
    const came = `${DISK[code]} (${said})`;
    return new ChurnError('io.failed', { expected: `to read and write the history ${place}`, came }, error);
  }
  return error;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
