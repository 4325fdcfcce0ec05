/** What parts of the server log through: pino's way of calling. */
export interface ServerLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** A log that parts may hold before the server is built; lines before that are dropped. */
export interface LateLog extends ServerLog {
  attach(log: ServerLog): void;
}

export function lateLog(): LateLog {
  let target: ServerLog | null = null;
  return {
    info: (details, message) => target?.info(details, message),
    error: (details, message) => target?.error(details, message),
    attach: (log) => {
      target = log;
    },
  };
}
