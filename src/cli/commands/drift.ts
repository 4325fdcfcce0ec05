import { resolve } from 'node:path';
import type { Config } from '../../config/schema.js';
import { ChurnError } from '../../error.js';
import { checkDrift } from '../../jobs/drift.js';
import { driftSeries } from '../../jobs/drift-series.js';
import { driftOfTables } from '../../jobs/drift-tables.js';
import type { Against } from '../../jobs/drift-windows.js';
import { DRIFT_DEFAULTS } from '../../monitor/drift/drift.js';
import { STATISTICS } from '../../monitor/drift/index.js';
import type { DriftReport } from '../../monitor/drift/report.js';
import { openLooseEngine } from '../../open.js';
import { projectLog } from '../../serve/prediction-log/relation.js';
import { addDays } from '../../time.js';
import { AT_OPTION, type CliCommand, type CliContext, EXIT, type OptionValues } from '../command.js';
import { showDetails, showDrift, showSeries } from '../drift-view.js';
import { count } from '../output.js';
import { choiceOption, dayOption, listOption, neededOption, textOption, windowOption } from '../values.js';

type Compat = Config['drift']['compat'];

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
      return showOverTime(context);
    }
    const report = await (options.reference || options.current
      ? compareTables(context, compat === 'configured' ? 'none' : compat)
      : compareWithChampion(context, compat === 'configured' ? null : compat));
    if (report.status === 'INSUFFICIENT') {
      return insufficient === 'ok' ? EXIT.fine : EXIT.insufficient;
    }
    return report.status === 'FAIL' ? EXIT.attention : EXIT.fine;
  },
};

async function compareTables(
  { output, options, folder, signal }: CliContext,
  compat: Compat,
): Promise<DriftReport> {
  refuseOptions(options, PROJECT_OPTIONS, 'only without --reference and --current');
  const engine = await openLooseEngine(signal);
  try {
    output.progress('counting ...');
    const { report, left_out } = await driftOfTables(engine, {
      reference: resolve(folder, neededOption(options, 'reference', 'with --current')),
      current: resolve(folder, neededOption(options, 'current', 'with --reference')),
      ...DRIFT_DEFAULTS,
      features: listOption(options, 'features'),
      compat: compat === 'none' ? null : compat,
      unit: textOption(options, 'unit'),
      statistic: statisticOption(options, compat) ?? undefined,
    });
    output.report({ ...report, left_out }, () => {
      showDrift(output, report);
      for (const { name, reason } of left_out) {
        output.line(output.tone('dim', `left out: ${name}: ${reason}`));
      }
    });
    return report;
  } finally {
    await engine.close();
  }
}

async function compareWithChampion(
  { output, options, project }: CliContext,
  compat: Compat | null,
): Promise<DriftReport> {
  refuseOptions(options, ['kept'], 'only with --by');
  refuseOptions(options, ['features', 'unit'], 'only with --reference and --current (or set drift.features)');
  const opened = await project();
  output.progress('counting ...');
  const report = await checkDrift(opened, {
    at: dayOption(options, 'at'),
    refresh: options.refresh === true,
    compat,
    statistic: statisticOption(options, compat ?? opened.config.drift.compat),
    against: againstOption(options),
    window: windowOption(options, 'window'),
    segments: listOption(options, 'segments'),
    scores: options.scores === true ? true : null,
    multivariate: options.multivariate === true ? true : null,
    log: options.log === true ? projectLog(opened) : null,
  });
  output.report(report, () => {
    const { reference, current } = report.windows;
    const before = reference ? `${reference.from} to ${addDays(reference.to, -1)}` : 'training set';
    output.line(
      `${current.from} to ${addDays(current.to, -1)}${report.served ? ', as served,' : ''} against ${before} (champion ${report.version})`,
    );
    showDrift(output, report);
    showDetails(output, report);
    if (report.served && report.served.other_encoding > 0) {
      output.line(
        output.tone(
          'dim',
          `left out: ${count(report.served.other_encoding)} rows by versions that read features otherwise`,
        ),
      );
    }
  });
  return report;
}

/** Options about a project, of no use for two tables. */
const PROJECT_OPTIONS = [
  'kept',
  'at',
  'refresh',
  'log',
  'against',
  'window',
  'by',
  'segments',
  'scores',
  'multivariate',
];

async function showOverTime({ output, options, project }: CliContext): Promise<number> {
  const unused = [
    'reference',
    'current',
    'features',
    'unit',
    'log',
    'compat',
    'against',
    'segments',
    'multivariate',
  ];
  refuseOptions(options, unused, 'only without --by');
  const by = choiceOption<'day' | 'week'>(options, 'by', ['day', 'week'], 'day');
  const opened = await project();
  output.progress('counting ...');
  const series = await driftSeries(opened, {
    at: dayOption(options, 'at'),
    by,
    window: windowOption(options, 'window'),
    statistic: statisticOption(options, 'none'),
    kept: options.kept === true,
  });
  output.report(series, () => showSeries(output, series));
  return EXIT.fine;
}

function againstOption(options: OptionValues): Against | null {
  const value = textOption(options, 'against');
  return value === null || value === 'training' || value === 'previous'
    ? value
    : windowOption(options, 'against');
}

/** Ours are checked here; other systems know their own. */
function statisticOption(options: OptionValues, compat: Compat): string | null {
  return compat === 'none' && options.statistic !== undefined
    ? choiceOption(
        options,
        'statistic',
        STATISTICS.map(({ id }) => id),
        'psi',
      )
    : textOption(options, 'statistic');
}

function refuseOptions(options: OptionValues, names: string[], expected: string): void {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length > 0) {
    const named = given.map((name) => `--${name}`).join(' and ');
    throw new ChurnError('usage.invalid', { expected: `${named} ${expected}`, came: 'both' });
  }
}
