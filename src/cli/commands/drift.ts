import { STATISTICS } from '../../monitor/drift/index.js';
import { AT_OPTION, type CliCommand, EXIT } from '../command.js';
import type { Compat } from '../drift-options.js';
import { choiceOption } from '../values.js';

export const driftCommand: CliCommand = {
  name: 'drift',
  summary: 'compare the newest days with what the champion learnt from, or any two tables',
  options: [
    AT_OPTION,
    { flags: '--refresh', description: 'build the missing days first' },
    { flags: '--log', description: 'compare what was served (the prediction log) instead of all users' },
    {
      flags: '--against <reference>',
      description:
        'training, previous (the period before the current one), or FROM..TO (days, both included)',
      default: 'drift.against',
    },
    {
      flags: '--window <from..to>',
      description: 'the current days, both included',
      default: 'the last drift.current_days',
    },
    {
      flags: '--by <period>',
      description: 'day or week: drift over time as a chart, against the training days',
    },
    {
      flags: '--kept',
      description: 'with --by: sum the daily profiles that checks kept, without reading data',
    },
    {
      flags: '--segments <columns>',
      description: 'repeat the check for the values of these columns',
      default: 'drift.segments',
    },
    { flags: '--scores', description: "also compare the champion's scores with those of its test days" },
    {
      flags: '--multivariate',
      description: 'also train a classifier to tell the current rows from the reference; 0.5 is chance',
    },
    {
      flags: '--reference <file>',
      description: 'any table or a saved profile (.json), with --current: needs no configuration',
    },
    { flags: '--current <file>', description: 'the table to compare with it' },
    {
      flags: '--features <names>',
      description: 'columns, separated by commas (two tables only)',
      default: 'all columns',
    },
    {
      flags: '--unit <column>',
      description: 'rows with the same value belong together, such as user_id (two tables only)',
    },
    {
      flags: '--statistic <id>',
      description: `judges what it applies to, PSI the rest: ${STATISTICS.map(({ id }) => id).join(', ')}`,
      default: 'drift.statistic',
    },
    {
      flags: '--compat <system>',
      description:
        'repeat the bins, zero rules and verdicts of another system: section-12 (the described one), evidently, nannyml; --statistic then takes its names',
      default: 'drift.compat',
    },
    {
      flags: '--insufficient <word>',
      description: 'ok: exit with 0 instead of 3 when there are too few rows',
    },
  ],
  examples: [
    'churn-mlops drift',
    'churn-mlops drift --refresh --insufficient ok',
    'churn-mlops drift --log --at 2025-09-30',
    'churn-mlops drift --by week',
    'churn-mlops drift --against previous --segments plan,country',
    'churn-mlops drift --reference may.json --current june.parquet',
    'churn-mlops drift --reference may.parquet --current june.csv --unit user_id',
    'churn-mlops drift --reference a.csv --current b.csv --features age,plan --json',
    'churn-mlops drift --reference a.csv --current b.csv --compat evidently --statistic jensenshannon',
  ],
  run: async (context) => {
    const { options } = context;
    const insufficient = choiceOption(options, 'insufficient', ['ok', 'exit-3'], 'exit-3');
    const compat = choiceOption<Compat | 'configured'>(
      options,
      'compat',
      ['none', 'section-12', 'evidently', 'nannyml'],
      'configured',
    );
    if (options.by !== undefined) {
      return (await import('../drift-over-time.js')).showOverTime(context);
    }
    const report = await (options.reference || options.current
      ? (await import('../drift-tables.js')).compareTables(context, compat === 'configured' ? 'none' : compat)
      : (await import('../drift-champion.js')).compareWithChampion(
          context,
          compat === 'configured' ? null : compat,
        ));
    if (report.status === 'INSUFFICIENT') {
      return insufficient === 'ok' ? EXIT.fine : EXIT.insufficient;
    }
    return report.status === 'FAIL' ? EXIT.attention : EXIT.fine;
  },
};
