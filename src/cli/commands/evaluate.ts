import { ChurnError } from '../../error.js';
import { estimatePredictions } from '../../jobs/estimate.js';
import { estimateTables } from '../../jobs/estimate-tables.js';
import { evaluatePredictions } from '../../jobs/evaluate.js';
import { evaluateSlices, evaluateTableSlices, type SlicesReport } from '../../jobs/evaluate-slices.js';
import { type EvaluateTablesRequest, evaluateTables } from '../../jobs/evaluate-tables.js';
import type { FlagRule } from '../../monitor/performance/confusion.js';
import { PERIODS, type PeriodKind } from '../../monitor/performance/over-time.js';
import type { DetailedEvaluationReport } from '../../monitor/performance/report.js';
import { openLooseEngine } from '../../open-engine.js';
import { projectLog } from '../../serve/prediction-log/relation.js';
import { AT_OPTION, type CliCommand, type CliContext, EXIT, type OptionValues } from '../command.js';
import { showEstimate, showTablesEstimate } from '../estimate-text.js';
import { estimateRequest, TABLE_OPTIONS, tablesRequest } from '../evaluate-tables.js';
import { showEvaluation } from '../evaluation-text.js';
import { showSlices } from '../slices-text.js';
import { choiceOption, dayOption, listOption, shareOption } from '../values.js';

export const evaluateCommand: CliCommand = {
  name: 'evaluate',
  summary: 'measure matured predictions against what happened, or scores and outcomes in any two tables',
  options: [
    {
      flags: '--date <date>',
      description: 'day of the predictions',
      default: 'the newest that have matured',
    },
    AT_OPTION,
    {
      flags: '--log',
      description:
        'judge what was served (the prediction log) instead of a file: the last prediction of each user',
    },
    { flags: '--by <period>', description: 'all matured predictions over time: day, week or month' },
    {
      flags: '--segment <columns>',
      description: 'and by segment: columns, or auto for all columns of categories; tells the weak ones',
    },
    {
      flags: '--estimate',
      description:
        'do not wait for outcomes: estimate the newest predictions from the held-out rows of their version',
    },
    {
      flags: '--reference <file>',
      description: 'with --estimate and --predictions: any table with --score and --outcome to learn from',
    },
    { flags: '--predictions <file>', description: 'any table, with --outcomes: needs no configuration' },
    { flags: '--outcomes <file>', description: 'table of what happened' },
    { flags: '--id <column>', description: 'column that both tables share' },
    { flags: '--score <column>', description: 'column of probabilities in --predictions' },
    { flags: '--outcome <column>', description: 'column of 0, 1 or null (not known yet) in --outcomes' },
    ...TABLE_OPTIONS,
    {
      flags: '--top <share>',
      description: 'share of the rows that counts as flagged, for precision, recall and cost',
      default: 'evaluation.flag, 0.1',
    },
    { flags: '--threshold <score>', description: 'flag every row that scores at least this instead' },
    {
      flags: '--insufficient <word>',
      description: 'ok: exit with 0 instead of 3 when there is no answer yet',
    },
  ],
  examples: [
    'churn-mlops evaluate',
    'churn-mlops evaluate --date 2025-09-01 --json',
    'churn-mlops evaluate --log --date 2025-09-01',
    'churn-mlops evaluate --estimate',
    'churn-mlops evaluate --estimate --reference may.parquet --predictions june.csv --score risk --outcome churned',
    'churn-mlops evaluate --by month --segment plan,country',
    'churn-mlops evaluate --predictions scores.csv --outcomes churned.csv --id user_id --score risk --outcome churned',
    'churn-mlops evaluate --predictions scores.csv --outcomes told.csv --id prediction_id --unit user_id --score risk --outcome churned --predicted scored_at --arrived told_at --horizon 30 --at 2025-10-31',
  ],
  run: async (context) => {
    const { options } = context;
    if (options.estimate === true) {
      return estimate(context);
    }
    const insufficient = choiceOption(options, 'insufficient', ['ok', 'exit-3'], 'exit-3');
    if (options.by !== undefined || options.segment !== undefined) {
      const slices = await slicesOf(context);
      context.output.report(slices, () => showSlices(context.output, slices));
      return slices.rows > 0 || insufficient === 'ok' ? EXIT.fine : EXIT.insufficient;
    }
    const report = await (options.predictions || options.outcomes
      ? withTables(context, evaluateTables)
      : fromProject(context));
    context.output.report(report, () => showEvaluation(context.output, report));
    return report.state === 'ok' || insufficient === 'ok' ? EXIT.fine : EXIT.insufficient;
  },
};

/** An estimate alerts by what it says, not by its exit code: nothing retrains by it. */
async function estimate(context: CliContext): Promise<number> {
  const { options, project, output, signal } = context;
  if (options.reference !== undefined) {
    const request = await estimateRequest(options, context.folder, {
      by: byOption(options),
      flag: flagOption(options),
    });
    const engine = await openLooseEngine(signal);
    try {
      const found = await estimateTables(engine, request);
      output.report(found, () => showTablesEstimate(output, found));
      return EXIT.fine;
    } finally {
      await engine.close();
    }
  }
  if (options.predictions || options.outcomes) {
    throw new ChurnError('usage.invalid', {
      expected: '--estimate with --reference and --predictions, or of the project without any table',
      came: options.outcomes ? '--outcomes' : '--predictions alone',
    });
  }
  const opened = await project();
  const report = await estimatePredictions(opened, {
    at: dayOption(options, 'at'),
    date: dayOption(options, 'date'),
    log: options.log === true ? projectLog(opened) : null,
    flag: flagOption(options),
  });
  output.report(report, () => showEstimate(output, report));
  return EXIT.fine;
}

function byOption(options: OptionValues): PeriodKind | null {
  return options.by === undefined ? null : choiceOption(options, 'by', PERIODS, 'month');
}

async function fromProject({ options, project }: CliContext): Promise<DetailedEvaluationReport> {
  const opened = await project();
  return evaluatePredictions(opened, {
    at: dayOption(options, 'at'),
    date: dayOption(options, 'date'),
    log: options.log === true ? projectLog(opened) : null,
    flag: flagOption(options),
  });
}

/** Which rows count as flagged; null: as configured. */
function flagOption(options: OptionValues): FlagRule | null {
  const top = shareOption(options, 'top');
  const threshold = shareOption(options, 'threshold');
  if (top !== null && threshold !== null) {
    throw new ChurnError('usage.invalid', { expected: '--top or --threshold', came: 'both' });
  }
  return top !== null ? { top } : threshold !== null ? { threshold } : null;
}

/** Predictions over time and by segment, of the project or of two tables. */
async function slicesOf(context: CliContext): Promise<SlicesReport> {
  const { options, project } = context;
  const slices = { by: byOption(options), segments: listOption(options, 'segment') ?? [] };
  if (options.predictions || options.outcomes) {
    return withTables(context, (engine, request) => evaluateTableSlices(engine, request, slices));
  }
  const opened = await project();
  const log = options.log === true ? projectLog(opened) : null;
  return evaluateSlices(opened, { ...slices, at: dayOption(options, 'at'), log });
}

/** Two tables, without a project. */
async function withTables<T>(
  { options, folder, signal }: CliContext,
  work: (engine: Parameters<typeof evaluateTables>[0], request: EvaluateTablesRequest) => Promise<T>,
): Promise<T> {
  if (options.log === true) {
    throw new ChurnError('usage.invalid', {
      expected: '--log only without --predictions and --outcomes',
      came: 'both',
    });
  }
  const request = await tablesRequest(options, folder, flagOption(options));
  const engine = await openLooseEngine(signal);
  try {
    return await work(engine, request);
  } finally {
    await engine.close();
  }
}
