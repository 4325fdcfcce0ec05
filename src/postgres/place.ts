import { ChurnError } from '../error.js';

/**
 * How a server's database is called in messages: without its password and without parameters, which could hold one.
 * @throws config.invalid when it is no such address; the message does not repeat it
 */
export function placeOf(url: string, key = 'history.url'): string {
  // The error of the parser would repeat the whole address, so it is not asked before it is known that it can read it.
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !isServer(url)) {
    throw new ChurnError('config.invalid', {
      expected: `${key} as postgres://USER:PASSWORD@HOST:PORT/DATABASE`,
      came: 'an address that cannot be read (not repeated here: it may hold a password)',
      fix: 'write special characters of a password as %XX',
    });
  }
  const { protocol, username, password, host, pathname } = parsed;
  const user = username === '' ? '' : `${username}${password === '' ? '' : ':***'}@`;
  return `${protocol}//${user}${host}${pathname}`;
}

/** Whether an address names a PostgreSQL server. */
export const isServer = (url: string): boolean => /^postgres(ql)?:/.test(url);

/** An address as it may be printed. */
export function withoutSecrets(url: string): string {
  try {
    return isServer(url) ? placeOf(url) : url;
  } catch {
    return `${url.slice(0, url.indexOf(':'))}:***`;
  }
}
