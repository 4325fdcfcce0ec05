import { styleText } from 'node:util';
import Table from 'cli-table3';

export type Tone = 'good' | 'warn' | 'bad' | 'dim' | 'strong';

const STYLES = { good: 'green', warn: 'yellow', bad: 'red', dim: 'dim', strong: 'bold' } as const;

export interface Streams {
  out: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  err: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

/** Everything that a command shows. Documents and tables go to stdout, progress and notes to stderr. */
export interface Output {
  json: boolean;
  /** One JSON document on stdout, when asked for; otherwise `text` is called. */
  report(document: unknown, text: () => void): void;
  line(text?: string): void;
  note(text: string): void;
  table(head: string[], rows: string[][], align?: ('left' | 'right')[]): void;
  /** One line on a terminal that is written over; nothing elsewhere. */
  progress(text: string): void;
  /** Removes the progress line. */
  done(): void;
  tone(tone: Tone, text: string): string;
}

export interface OutputSettings {
  json: boolean;
  quiet: boolean;
  environment: NodeJS.ProcessEnv;
}

export function openOutput({ out, err }: Streams, { json, quiet, environment }: OutputSettings): Output {
  const colour = out.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
  let showing = false;
  const clear = () => {
    if (showing) {
      err.write('\r\x1b[2K');
      showing = false;
    }
  };
  const output: Output = {
    json,
    report: (document, text) => {
      clear();
      if (json) {
        out.write(`${JSON.stringify(document, null, 2)}\n`);
      } else if (!quiet) {
        text();
      }
    },
    line: (text = '') => {
      clear();
      if (!json && !quiet) {
        out.write(`${text}\n`);
      }
    },
    note: (text) => {
      clear();
      if (!quiet) {
        err.write(`${text}\n`);
      }
    },
    table: (head, rows, align = []) => {
      const table = new Table({
        head: head.map((title) => output.tone('dim', title)),
        colAligns: head.map((_, i) => align[i] ?? 'left'),
        chars: PLAIN,
        style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
      });
      table.push(...rows);
      output.line(
        table
          .toString()
          .split('\n')
          .map((text) => text.trimEnd())
          .join('\n'),
      );
    },
    progress: (text) => {
      if (err.isTTY && !quiet) {
        err.write(`\r\x1b[2K${text.slice(0, (err.columns ?? 80) - 1)}`);
        showing = true;
      }
    },
    done: clear,
    tone: (tone, text) => (colour ? styleText(STYLES[tone], text) : text),
  };
  return output;
}

/** cli-table3 without lines. */
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** A number with a fixed number of digits; a dash for null. */
export function digits(value: number | null | undefined, places = 3): string {
  return value === null || value === undefined ? '-' : value.toFixed(places);
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** "1 day", "1,200 days". */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

export function interval(value: readonly [number, number] | null | undefined, places = 3): string {
  return value ? `${value[0].toFixed(places)} to ${value[1].toFixed(places)}` : '-';
}

export function percent(value: number | null | undefined, places = 1): string {
  return value === null || value === undefined ? '-' : `${(100 * value).toFixed(places)} %`;
}

/** A bar of at most `width` blocks for a value between 0 and `full`. */
export function bar(value: number, full: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, value / full)) * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8];
}
