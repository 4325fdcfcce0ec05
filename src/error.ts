/**
 * Every error a user can meet, by code. `exit` is the process exit code (see docs/reference/errors.md),
 * `http` the status an API answers with. The message always says what was expected, what came and what to do.
 */
export const ERRORS = {
  'usage.invalid': { exit: 64, http: 400, title: 'the command line or request is wrong' },
  'data.invalid': { exit: 65, http: 422, title: 'the data cannot be used as they are' },
  'data.column_missing': { exit: 65, http: 422, title: 'a column that is needed is not there' },
  'data.column_type': { exit: 65, http: 422, title: 'a column holds values of another type' },
  'data.empty': { exit: 65, http: 422, title: 'a table has no rows' },
  'data.stale': { exit: 65, http: 409, title: 'a file is older than what it is asked to answer for' },
  'data.insufficient': { exit: 3, http: 409, title: 'there are too few rows for an honest answer' },
  'input.missing': { exit: 66, http: 404, title: 'a file or folder that is needed is not there' },
  'input.unreadable': { exit: 65, http: 422, title: 'a file is damaged or not of the stated format' },
  'library.missing': { exit: 66, http: 503, title: 'a native library that is needed was not found' },
  'model.mismatch': { exit: 65, http: 422, title: 'a model and its input or record do not fit together' },
  'model.unproven': {
    exit: 1,
    http: 500,
    title: 'an exported model does not repeat the scores of its trainer',
  },
  'registry.version_unknown': { exit: 66, http: 404, title: 'no model version of that name' },
  'registry.champion_missing': { exit: 66, http: 503, title: 'no champion has been promoted yet' },
  'history.conflict': { exit: 74, http: 409, title: 'somebody else changed the same thing first' },
  'history.newer': { exit: 78, http: 503, title: 'the history was written by a newer program' },
  'history.older': { exit: 78, http: 503, title: 'the history must be migrated first' },
  'history.away': { exit: 74, http: 503, title: 'the server of the history does not answer' },
  'history.run_unknown': { exit: 66, http: 404, title: 'no run of that id' },
  'lock.held': { exit: 74, http: 409, title: 'another process is doing this now' },
  'lease.lost': { exit: 74, http: 409, title: 'another process took over what this one was doing' },
  'io.failed': { exit: 74, http: 500, title: 'reading or writing failed' },
  'config.invalid': { exit: 78, http: 500, title: 'the configuration is wrong' },
  'kubernetes.failed': { exit: 74, http: 503, title: 'the Kubernetes API refused or did not answer' },
  'engine.failed': { exit: 1, http: 500, title: 'the SQL engine refused a statement' },
  'serve.busy': { exit: 74, http: 503, title: 'the server has too much to do now' },
  'work.cancelled': { exit: 1, http: 499, title: 'the work was cancelled' },
} as const satisfies Record<string, { exit: number; http: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** What a person needs to get on: what we expected, what came, and (where we know) what to do. */
export interface ErrorDetail {
  expected: string;
  came: string;
  fix?: string;
}

/** The only error thrown on purpose. `message` reads "expected ...; got ...; fix". */
export class ChurnError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail, cause?: unknown) {
    super(
      [`expected ${detail.expected}`, `got ${detail.came}`, ...(detail.fix ? [detail.fix] : [])].join('; '),
      { cause },
    );
    this.name = 'ChurnError';
    this.code = code;
    this.detail = detail;
  }

  get exitCode(): number {
    return ERRORS[this.code].exit;
  }

  get httpStatus(): number {
    return ERRORS[this.code].http;
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
