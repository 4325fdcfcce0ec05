import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { MAIN, startProcess } from '../cli/run-cli.js';
import { SHARED } from '../data/project.js';

/** A command of a README and what came of it. */
export interface Said {
  command: string;
  code: number | null;
  /** Its JSON document, of commands of churn-mlops. */
  // biome-ignore lint/suspicious/noExplicitAny: documents of many commands, of which a page shows a few figures
  json: any;
}

/** A copy of examples/NAME in a tree of its own with the real data beside it, so that its paths hold as they stand. */
export interface Example {
  folder: string;
  /** Runs the commands of the README in order. @throws when one ends otherwise than fine or with drift */
  play(environment?: NodeJS.ProcessEnv): Promise<Said[]>;
  /** Compares a table of the README, between `<!-- NAME -->` and `<!-- end -->`; UPDATE_DOCS=1 writes it. */
  shows(name: string, table: string): void;
  close(): Promise<void>;
}

export async function openExample(name: string): Promise<Example> {
  const root = await mkdtemp(join(tmpdir(), 'churn-example-'));
  const project = join(root, 'churn-mlops');
  const folder = join(project, 'examples', name);
  await cp('examples', join(project, 'examples'), {
    recursive: true,
    filter: (path) => !['data', 'artifacts'].includes(basename(path)),
  });
  await symlink(resolve(SHARED, '..'), join(root, 'shared'));
  await symlink(resolve('node_modules'), join(project, 'node_modules'));
  await mkdir(join(root, 'bin'));
  await writeFile(join(root, 'bin', 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  await chmod(join(root, 'bin', 'npx'), 0o755);
  const page = resolve('examples', name, 'README.md');
  return {
    folder,
    play: async (environment = {}) => {
      const said: Said[] = [];
      for (const command of commandsOf(readFileSync(page, 'utf8'))) {
        said.push(
          await play(folder, command, { ...environment, PATH: `${join(root, 'bin')}:${process.env.PATH}` }),
        );
      }
      return said;
    },
    shows: (block, table) => showsIn(page, block, table),
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** The lines of the README's sh blocks, without those that enter the folder. */
export function commandsOf(text: string): string[] {
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block]) => block.replaceAll('\\\n', '').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('cd '));
}

async function play(folder: string, command: string, environment: NodeJS.ProcessEnv): Promise<Said> {
  const ours = /\bnpx churn-mlops\b/.test(command);
  const line = ours ? `${command} --json` : command;
  const { code, out, err } = await startProcess('sh', ['-c', line], folder, environment).ended;
  assert.ok(code === 0 || code === 2, `${command} ended with ${code}: ${err}`);
  return { command, code, json: ours ? JSON.parse(out) : null };
}

/** The one command that matches. */
export function saidBy(said: readonly Said[], pattern: RegExp): Said {
  const found = said.filter(({ command }) => pattern.test(command));
  assert.equal(found.length, 1, `one command like ${pattern}: ${found.map(({ command }) => command)}`);
  return found[0];
}

/** A table in Markdown. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A measure as `evaluate` and `train` tell it: value and interval. */
export function measured(
  value: number | null,
  interval: readonly [number, number] | null | undefined,
): string {
  if (value === null) {
    return 'undefined';
  }
  return interval
    ? `${value.toFixed(3)} (${interval[0].toFixed(3)} to ${interval[1].toFixed(3)})`
    : value.toFixed(3);
}

export function whole(value: number): string {
  return value.toLocaleString('en-US');
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Fractions may differ a little between machines: training adds up in the order of its threads. */
const BORNE = 0.02;
const NUMBER = /\d[\d,]*(\.\d+)?/g;

function showsIn(page: string, block: string, table: string): void {
  const text = readFileSync(page, 'utf8');
  const pattern = new RegExp(`(<!-- ${block} -->\n)(.*?)(\n?<!-- end -->)`, 's');
  const [, , shown] = pattern.exec(text) ?? assert.fail(`${page} has no block "${block}"`);
  if (process.env.UPDATE_DOCS) {
    writeFileSync(
      page,
      text.replace(pattern, (_, begin, __, end) => `${begin}${table}\n${end.trimStart()}`),
    );
    return;
  }
  assert.equal(shown.replace(NUMBER, '#'), table.replace(NUMBER, '#'), `the words of "${block}"`);
  const [told, came] = [shown, table].map((each) => each.match(NUMBER) ?? []);
  told.forEach((number, i) => {
    const [left, right] = [number, came[i]].map((digits) => Number(digits.replaceAll(',', '')));
    const bound = number.includes('.') ? BORNE * Math.max(1, Math.abs(right)) : 0;
    assert.ok(Math.abs(left - right) <= bound, `"${block}" shows ${number}; got ${came[i]}\n${table}`);
  });
}
