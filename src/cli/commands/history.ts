import { resolve } from 'node:path';
import { ChurnError } from '../../error.js';
import type { FileRecord, Run } from '../../history/history.js';
import { tidyHistory } from '../../jobs/tidy-history.js';
import { exportHistory, importHistory } from '../../jobs/transfer-history.js';
import { type CliCommand, type CliContext, EXIT } from '../command.js';
import { count, type Output } from '../output.js';
import { textOption, wholeOption } from '../values.js';

export const historyCommand: CliCommand = {
  name: 'history',
  summary: 'what was done: runs, newest first; or move the history to another place, or tidy it',
  arguments: [
    {
      name: '[action]',
      description:
        'export: every record into FILE, as lines of JSON; import: FILE into an empty history; tidy: merge old profiles, remove old reports and runs',
    },
    { name: '[file]', description: 'of export and import' },
  ],
  options: [
    { flags: '--limit <n>', description: 'how many', default: '20' },
    { flags: '--command <name>', description: 'only runs of this command' },
  ],
  examples: [
    'churn-mlops history',
    'churn-mlops history --command drift --limit 5 --json',
    'churn-mlops history export history.jsonl',
    'CHURN_HISTORY_URL=postgres://churn@db/churn churn-mlops history import history.jsonl',
    'churn-mlops history tidy',
  ],
  run: async (context) => {
    const [action = 'list', file] = context.args;
    if (!Object.hasOwn(ACTIONS, action) || (file !== undefined) !== ['export', 'import'].includes(action)) {
      throw new ChurnError('usage.invalid', {
        expected: 'history, history export FILE, history import FILE or history tidy',
        came: `history ${context.args.join(' ')}`,
      });
    }
    await ACTIONS[action as keyof typeof ACTIONS](context);
    return EXIT.fine;
  },
};

const ACTIONS = {
  list: async ({ output, options, project }: CliContext) => {
    const { history } = await project();
    const runs = await history.runs({
      limit: wholeOption(options, 'limit', 20),
      command: textOption(options, 'command') ?? undefined,
    });
    output.report(runs, () => {
      output.table(
        ['run', 'started', 'command', 'as of', 'status', 'result'],
        runs.map((run) => runRow(output, run)),
      );
      output.line(output.tone('dim', 'churn-mlops explain RUN tells more'));
    });
  },
  export: async ({ output, args, folder, project }: CliContext) => {
    const path = resolve(folder, args[1]);
    const lines = await exportHistory((await project()).history, path);
    output.report({ file: path, lines }, () => output.line(`${count(lines)} lines in ${path}`));
  },
  import: async ({ output, args, folder, project }: CliContext) => {
    const records = await importHistory((await project()).history, resolve(folder, args[1]));
    output.report({ records }, () => {
      output.table(
        ['table', 'records'],
        Object.entries(records).map(([table, number]) => [table, count(number)]),
        ['left', 'right'],
      );
    });
  },
  tidy: async ({ output, project }: CliContext) => {
    const tidied = await tidyHistory(await project());
    output.report(tidied, () => {
      const { months, unmerged, reports, runs, entries } = tidied;
      output.line(
        `merged ${months.length} months; removed ${reports} reports, ${runs} runs, ${entries} messages`,
      );
      unmerged.forEach(({ series, month, because }) => {
        output.line(`${month} of ${series} stays in days: ${because}`);
      });
    });
  },
};

export const explainCommand: CliCommand = {
  name: 'explain',
  summary: 'why something happened: one run with its parts, files, reports and alias moves',
  arguments: [{ name: '<id>', description: 'a run, or the beginning of its id' }],
  examples: ['churn-mlops explain 06bq3', 'churn-mlops explain 06bq3 --json'],
  run: async ({ output, args, project }) => {
    const { history } = await project();
    const run = await history.run(args[0]);
    const parts = (await history.runs({ parent: run.id })).reverse();
    const reports = await history.reports({ run: run.id });
    const moves = await history.aliasMoves({ runs: [run.id, ...parts.map(({ id }) => id)] });
    output.report({ run, parts, reports, alias_moves: moves }, () => {
      showRun(output, run);
      if (parts.length > 0) {
        output.line();
        output.table(
          ['part', 'started', 'command', 'as of', 'status', 'result'],
          parts.map((part) => runRow(output, part)),
        );
      }
      for (const { kind, status, version } of reports) {
        output.line(`report ${kind}: ${status}${version ? ` (${version})` : ''}; the whole with --json`);
      }
      for (const { alias, from, to, because } of moves) {
        output.line(`${alias}: ${from ?? 'nobody'} -> ${to ?? 'nobody'}: ${because}`);
      }
    });
    return EXIT.fine;
  },
};

function showRun(output: Output, run: Run): void {
  output.table(
    [],
    [
      ['run', run.id],
      ['command', run.command],
      ['as of', run.at ?? '-'],
      ['started', run.started_at],
      ['finished', run.finished_at ?? '-'],
      ['status', statusText(output, run)],
    ],
  );
  if (run.error) {
    output.line(output.tone('bad', `${run.error.code}: ${run.error.message}`));
  }
  for (const file of run.reads) {
    output.line(`read  ${fileText(file)}`);
  }
  for (const file of run.writes) {
    output.line(`wrote ${fileText(file)}`);
  }
  for (const [key, value] of Object.entries(run.result)) {
    output.line(`${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
}

function fileText({ path, rows }: FileRecord): string {
  return rows === undefined ? path : `${path} (${count(rows)} rows)`;
}

const TONES = { running: 'dim', ok: 'good', attention: 'warn', insufficient: 'warn', failed: 'bad' } as const;

function statusText(output: Output, run: Run): string {
  const killed = run.status === 'running' && run.alive === false;
  return killed ? output.tone('bad', 'killed') : output.tone(TONES[run.status], run.status);
}

/** Figures and short words of a result; lists and sentences are for `explain`. */
function runRow(output: Output, run: Run): string[] {
  const figures = Object.entries(run.result).flatMap(([key, value]) =>
    typeof value === 'number'
      ? [`${key} ${Number.isInteger(value) ? count(value) : Number(value.toPrecision(4))}`]
      : typeof value === 'string' && value.length < 30
        ? [`${key} ${value}`]
        : [],
  );
  const shown = run.error ? run.error.message.split('\n')[0].slice(0, 60) : figures.slice(0, 3).join(', ');
  return [
    run.id,
    run.started_at.slice(0, 19).replace('T', ' '),
    run.command,
    run.at ?? '-',
    statusText(output, run),
    shown,
  ];
}
