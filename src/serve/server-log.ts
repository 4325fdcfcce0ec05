import type { Log } from '../log.js';

/** A log that parts may hold before the server is built; lines before that are dropped. */
export interface LateLog extends Log {
  attach(log: Log): void;
}

export function lateLog(): LateLog {
  let target: Log | null = null;
  return {
    info: (details, message) => target?.info(details, message),
    error: (details, message) => target?.error(details, message),
    attach: (log) => {
      target = log;
    },
  };
}
