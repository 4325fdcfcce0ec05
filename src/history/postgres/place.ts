import { ChurnError } from '../../error.js';

/**
 * How a database is called in messages: without the password, nor any parameter that could hold one.
 * @throws config.invalid when it is no such address; the message does not repeat it
 */
export function placeOf(url: string): string {
  // The error of the parser would repeat the whole address.
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new ChurnError('config.invalid', {
      expected: 'history.url as postgres://USER:PASSWORD@HOST:PORT/DATABASE',
      came: 'an address that cannot be read (not repeated here: it may hold a password)',
      fix: 'write special characters of a password as %XX',
    });
  }
  const user = parsed.username === '' ? '' : `${parsed.username}@`;
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}`;
}
