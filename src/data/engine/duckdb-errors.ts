import { ChurnError, type ErrorCode, messageOf } from '../../error.js';

interface Kind {
  code: ErrorCode;
  expected: string;
  fix?: string;
  pattern: RegExp;
}

/** What DuckDB says, by our codes; the first pattern that fits decides. */
const KINDS: readonly Kind[] = [
  {
    code: 'input.missing',
    expected: 'files to read',
    pattern: /No files found|No such file or directory/i,
  },
  {
    code: 'io.failed',
    expected: 'room on the disk',
    fix: 'free some space and run again',
    pattern: /No space left|disk full|max_temp_directory_size/i,
  },
  {
    code: 'input.unreadable',
    expected: 'text in utf-8',
    fix: 'set csv.encoding of the source to how the file is written, such as windows-1252',
    pattern: /Invalid unicode/i,
  },
  {
    code: 'data.column_type',
    expected: 'values of the type that the column needs',
    fix: 'correct them, or set csv.types of the source',
    pattern: /^Conversion Error: CSV Error/,
  },
  {
    code: 'input.unreadable',
    expected: 'a readable file',
    pattern:
      /magic bytes|corrupt|too small to be a Parquet|Error when sniffing|Malformed JSON|CSV Error|Thrift|Snappy|ZSTD|invalid (parquet|gzip)|not a GZIP|footer length|read_parquet/i,
  },
  {
    code: 'io.failed',
    expected: 'to read or write',
    pattern: /Permission denied|Read-only file system|Cannot open file|Could not write|^IO Error/i,
  },
  {
    code: 'data.column_type',
    expected: 'values of the type that the column needs',
    fix: 'run `churn-mlops validate` to see all of them',
    pattern: /^(Conversion|Invalid Input|Out of Range) Error|Could not (convert|cast)/i,
  },
  {
    code: 'engine.failed',
    expected: 'to fit into engine.memory',
    fix: 'raise engine.memory or free disk for spilling',
    pattern: /Out of Memory/i,
  },
  { code: 'engine.failed', expected: 'the statement to run', pattern: /^/ },
];

/** Our error for one of DuckDB's, with the statement attached to its cause; our own errors pass through. */
export function asEngineError(error: unknown, statement: string, signal?: AbortSignal): ChurnError {
  if (error instanceof ChurnError) {
    return error;
  }
  const message = messageOf(error);
  if (signal?.aborted || /^INTERRUPT/.test(message)) {
    return cancelled(error);
  }
  const { code, expected, fix } = KINDS.find(({ pattern }) => pattern.test(message)) as Kind;
  return new ChurnError(code, { expected, came: shortened(message), fix }, { error, statement });
}

/** The first line; of a CSV error also the line that says why, and the file. */
function shortened(message: string): string {
  const [first, ...more] = message.split('\n');
  if (!/CSV Error on Line/.test(first)) {
    return first;
  }
  const why = more.find((line) => CSV_REASON.test(line));
  const file = /^ {2}file = (.+)$/m.exec(message)?.[1];
  return `${first}${why === undefined ? '' : `: ${why}`}${file === undefined ? '' : ` (${file})`}`;
}

const CSV_REASON =
  /^(Expected Number of Columns|Invalid unicode|Value with unterminated|Maximum line size|Error when)/;

export function cancelled(cause?: unknown): ChurnError {
  return new ChurnError('work.cancelled', { expected: 'to finish', came: 'a request to stop' }, cause);
}
