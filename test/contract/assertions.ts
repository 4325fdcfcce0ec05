import assert from 'node:assert/strict';
import { ChurnError, type ErrorCode } from '../../src/error.js';
import type { Clock } from '../../src/time.js';

/** A second later at every look. */
export function tickingClock(start = '2025-02-14T03:00:00Z'): Clock {
  let milliseconds = Date.parse(start);
  return () => {
    milliseconds += 1000;
    return new Date(milliseconds);
  };
}

/** An assertion on a ChurnError's code and, where given, its text. */
export function withCode(code: ErrorCode, text: RegExp = /./): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ChurnError, `expected a ChurnError, got ${error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, text);
    return true;
  };
}
