import { cpus, loadavg, totalmem } from 'node:os';

/** Middle value; the mean of the two middle ones when there is an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median and least: the second tells what the machine does when left alone. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Wall time, and processor time of all threads of this process. */
export interface Took {
  milliseconds: number;
  cpuMilliseconds: number;
}

/** Starts a watch; the answer reads it. */
export function stopwatch(): () => Took {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { milliseconds: performance.now() - started, cpuMilliseconds: (user + system) / 1000 };
  };
}

/** What the figures were measured on; the load tells how far others used the machine meanwhile. */
export function machine(): { cores: number; memoryGiB: number; node: string; load: number } {
  return {
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    load: Math.round(loadavg()[0] * 10) / 10,
  };
}

/** A Markdown table, aligned so that it reads in a terminal too. The first column is text, the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length), 3),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

export function fixed(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

export function percent(count: number, of: number): string {
  return `${((100 * count) / of).toFixed(2)} %`;
}

/** `--json` prints the document alone; otherwise the text and what it was measured on. */
export function report(document: object, text: string): void {
  const full = { measured_on: machine(), ...document };
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify(full, null, 2)}\n`);
    return;
  }
  const { cores, memoryGiB, node, load } = machine();
  process.stdout.write(
    `${text}\n\n${cores} cores, ${memoryGiB} GiB, Node ${node}, load at the end ${load}\n`,
  );
}

/** What goes on, for the person who waits. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The number after `--name`, or the default. */
export function numberOption(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

/** Numbers with commas between them. */
export function numbersOption(name: string, otherwise: readonly number[]): readonly number[] {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1].split(',').map(Number);
}
