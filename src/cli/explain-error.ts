import { ChurnError } from '../error.js';

/** One clear line for what went wrong; with `verbose` the stack and the chain of causes too. */
export function explainError(error: unknown, verbose: boolean): string {
  const lines: string[] = [];
  if (error instanceof ChurnError) {
    lines.push(`churn-mlops: ${error.message} [${error.code}]`);
  } else {
    lines.push(
      `churn-mlops: this is a bug: ${error instanceof Error ? error.message : String(error)}; run again with --verbose and report it`,
    );
  }
  if (verbose) {
    for (
      let cause: unknown = error;
      cause !== undefined && cause !== null;
      cause = (cause as { cause?: unknown }).cause
    ) {
      lines.push(cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(cause, null, 2));
    }
  }
  return `${lines.join('\n')}\n`;
}
