/** A sink for log lines that gathers them, so that logging costs a request no system call. */
export interface LogLines {
  write(line: string): void;
  /** Hands over what is left. */
  flush(): void;
}

const BUFFER_CHARACTERS = 4096;
const LONGEST_WAIT_MILLISECONDS = 100;

export function logLinesTo(out: NodeJS.WritableStream): LogLines {
  let waiting = '';
  let timer: NodeJS.Timeout | null = null;
  const flush = () => {
    if (timer !== null) {
      clearTimeout(timer);
      timer = null;
    }
    if (waiting !== '') {
      const lines = waiting;
      waiting = '';
      out.write(lines);
    }
  };
  return {
    write: (line) => {
      waiting += line;
      if (waiting.length >= BUFFER_CHARACTERS) {
        flush();
      } else {
        timer ??= setTimeout(flush, LONGEST_WAIT_MILLISECONDS).unref();
      }
    },
    flush,
  };
}
