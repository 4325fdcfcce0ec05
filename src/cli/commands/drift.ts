import { resolve } from 'node:path';
import type { Config } from '../../config/schema.js';
import { ChurnError } from '../../error.js';
import { checkDrift } from '../../jobs/drift.js';
import { driftOfTables } from '../../jobs/drift-tables.js';
import { STATISTICS } from '../../monitor/drift/index.js';
import type { DriftReport, FeatureDrift } from '../../monitor/drift/report.js';
import { openLooseEngine } from '../../open.js';
import { projectLog } from '../../serve/prediction-log/relation.js';
import { addDays } from '../../time.js';
import { AT_OPTION, type CliCommand, type CliContext, EXIT, type OptionValues } from '../command.js';
import { bar, count, digits, type Output, type Tone } from '../output.js';
import { choiceOption, dayOption, listOption, neededOption, textOption } from '../values.js';

type Compat = Config['drift']['compat'];

export const driftCommand: CliCommand = {
  name: 'drift',
  summary: 'compare the newest days with what the champion learnt from, or any two tables',
  options: [
    AT_OPTION,
    { flags: '--refresh', description: 'build the missing days first' },
    { flags: '--log', description: 'compare what was served (the prediction log) instead of all users' },
    { flags: '--reference <file>', description: 'any table, with --current: needs no configuration' },
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
  refuseOptions(options, ['at', 'refresh', 'log'], 'only without --reference and --current');
  const { configSchema } = await import('../../config/schema.js');
  const defaults = configSchema.parse({});
  const engine = await openLooseEngine(signal);
  try {
    output.progress('counting ...');
    const { report, left_out } = await driftOfTables(engine, {
      reference: resolve(folder, neededOption(options, 'reference', 'with --current')),
      current: resolve(folder, neededOption(options, 'current', 'with --reference')),
      features: listOption(options, 'features'),
      unit: textOption(options, 'unit'),
      compat: compat === 'none' ? null : compat,
      statistic: statisticOption(options, compat),
      warn: defaults.drift.warn,
      fail: defaults.drift.fail,
      significance: defaults.drift.significance,
      seed: defaults.training.seed,
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
  refuseOptions(options, ['features', 'unit'], 'only with --reference and --current (or set drift.features)');
  const opened = await project();
  output.progress('counting ...');
  const report = await checkDrift(opened, {
    at: dayOption(options, 'at'),
    refresh: options.refresh === true,
    compat,
    statistic: statisticOption(options, compat ?? opened.config.drift.compat),
    log: options.log === true ? projectLog(opened) : null,
  });
  output.report(report, () => {
    const { reference, current } = report.windows;
    const before = reference ? `${reference.from} to ${addDays(reference.to, -1)}` : 'training set';
    output.line(
      `${current.from} to ${addDays(current.to, -1)}${report.served ? ', as served,' : ''} against ${before} (champion ${report.version})`,
    );
    showDrift(output, report);
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

const TONES: Record<FeatureDrift['status'], Tone> = {
  OK: 'good',
  WARN: 'warn',
  FAIL: 'bad',
  INSUFFICIENT: 'dim',
};

export function showDrift(output: Output, report: DriftReport): void {
  // As far as a feature has gone towards its fail level, so that statistics compare.
  const reach = ({ value, levels }: FeatureDrift) => (value === null ? -1 : Math.abs(value) / levels.fail);
  const sorted = [...report.features].sort((a, b) => reach(b) - reach(a));
  output.table(
    ['feature', 'status', 'effect', '', '', 'p', 'what moved'],
    sorted.map((feature) => [
      feature.name,
      output.tone(TONES[feature.status], feature.status),
      feature.short,
      digits(feature.value),
      bar(reach(feature), 2, 12),
      feature.p_adjusted === null ? '-' : feature.p_adjusted < 0.001 ? '<0.001' : digits(feature.p_adjusted),
      feature.because.replace(`${feature.name}: `, ''),
    ]),
    ['left', 'left', 'left', 'right', 'left', 'right'],
  );
  const { reference, current } = report.rows;
  output.line(
    `${output.tone(TONES[report.status], report.status)}  largest PSI ${digits(report.overall_max_psi)} (warn ${report.thresholds.warn}, fail ${report.thresholds.fail}); ${count(reference)} rows against ${count(current)}`,
  );
}
