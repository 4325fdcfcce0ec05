import { ChurnError, messageOf } from '../../error.js';
import { codeOf, DISK, REFUSED, troubleOf } from '../../postgres/trouble.js';

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
