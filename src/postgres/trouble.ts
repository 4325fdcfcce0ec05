import { messageOf } from '../error.js';

/** busy: the same work may succeed at once. away: the server does not answer, or not yet, or not any more. */
export type Trouble = 'busy' | 'away';

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

/** The server answered, and does not let us in. */
export const REFUSED: Record<string, string> = {
  '28P01': 'a wrong password',
  '28000': 'no such user, or one who may not connect',
  '3D000': 'no database of that name',
  '42501': 'a user without the right to do that',
  '3F000': 'no schema to make tables in',
};

/** The server has trouble with its machine. */
export const DISK: Record<string, string> = {
  '53100': 'its disk is full',
  '53200': 'it is out of memory',
  '58030': 'its disk failed',
};

export function troubleOf(error: unknown): Trouble | null {
  const code = codeOf(error);
  const known = TROUBLES.find(([pattern]) => pattern.test(code))?.[1];
  return known ?? (AWAY_MESSAGES.test(messageOf(error)) ? 'away' : null);
}

/** SQLSTATE of the server, or Node's code; empty: none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
