import type { FileRecord, Run } from '../../history/history.js';
import { type CliCommand, EXIT } from '../command.js';
import { count, type Output } from '../output.js';
import { textOption, wholeOption } from '../values.js';

export const historyCommand: CliCommand = {
  name: 'history',
  summary: 'what was done: runs, newest first',
  options: [
    { flags: '--limit <n>', description: 'how many', default: '20' },
    { flags: '--command <name>', description: 'only runs of this command' },
  ],
  examples: ['churn-mlops history', 'churn-mlops history --command drift --limit 5 --json'],
  run: async ({ output, options, project }) => {
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
    return EXIT.fine;
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
    const moves = (await history.aliasMoves()).filter(
      (move) => move.run === run.id || parts.some((part) => part.id === move.run),
    );
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
