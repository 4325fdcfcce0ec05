import { compareVersions } from '../../jobs/compare.js';
import type { ComparisonReport } from '../../monitor/performance/report.js';
import { addDays } from '../../time.js';
import { AT_OPTION, type CliCommand, EXIT } from '../command.js';
import { count, digits, interval, type Output } from '../output.js';
import { dayOption } from '../values.js';

export const compareCommand: CliCommand = {
  name: 'compare',
  summary: 'score two versions on the same reserved rows; promotes nothing',
  arguments: [
    { name: '<a>', description: 'the present one: version or alias' },
    { name: '<b>', description: 'the one that would replace it' },
  ],
  options: [AT_OPTION],
  examples: [
    'churn-mlops compare champion challenger',
    'churn-mlops compare 20250831-1f2e 20251231-9a8b --json',
  ],
  run: async ({ output, args, options, project }) => {
    const report = await compareVersions(await project(), {
      champion: args[0],
      challenger: args[1],
      at: dayOption(options, 'at'),
    });
    output.report(report, () => showComparison(output, report));
    return report.window === null ? EXIT.insufficient : EXIT.fine;
  },
};

const VERDICTS = { better: 'good', not_better: 'warn', undecided: 'warn' } as const;

export function showComparison(output: Output, report: ComparisonReport): void {
  const days =
    report.window === null ? 'no days' : `${report.window.from} to ${addDays(report.window.to, -1)}`;
  output.line(
    `${count(report.rows)} rows of ${count(report.users)} users, ${count(report.positives)} churned, ${days}: learnt from by neither`,
  );
  output.table(
    ['measure', report.champion, report.challenger, 'difference', '95 % interval'],
    Object.entries(report.measures).map(([id, { champion, challenger, difference, interval: range }]) => [
      id,
      digits(champion, 4),
      digits(challenger, 4),
      digits(difference, 4),
      interval(range, 4),
    ]),
    ['left', 'right', 'right', 'right'],
  );
  for (const check of report.checks) {
    output.line(
      `${check.passed ? output.tone('good', 'passed') : output.tone('warn', 'failed')}  ${check.because}`,
    );
  }
  output.line(`verdict: ${output.tone(VERDICTS[report.verdict], report.verdict.replace('_', ' '))}`);
}
