import { resolve } from 'node:path';
import { ChurnError } from '../../error.js';
import { evaluatePredictions, type ProjectEvaluationReport } from '../../jobs/evaluate.js';
import { evaluateTables } from '../../jobs/evaluate-tables.js';
import type { EvaluationReport } from '../../monitor/performance/report.js';
import { openLooseEngine } from '../../open.js';
import { projectLog } from '../../serve/prediction-log/relation.js';
import { AT_OPTION, type CliCommand, type CliContext, EXIT } from '../command.js';
import { count, digits, interval, type Output } from '../output.js';
import { choiceOption, dayOption, neededOption } from '../values.js';

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
    { flags: '--predictions <file>', description: 'any table, with --outcomes: needs no configuration' },
    { flags: '--outcomes <file>', description: 'table of what happened' },
    { flags: '--id <column>', description: 'column that both tables share' },
    { flags: '--score <column>', description: 'column of probabilities in --predictions' },
    { flags: '--outcome <column>', description: 'column of 0, 1 or null (not known yet) in --outcomes' },
    {
      flags: '--insufficient <word>',
      description: 'ok: exit with 0 instead of 3 when there is no answer yet',
    },
  ],
  examples: [
    'churn-mlops evaluate',
    'churn-mlops evaluate --date 2025-09-01 --json',
    'churn-mlops evaluate --log --date 2025-09-01',
    'churn-mlops evaluate --predictions scores.csv --outcomes churned.csv --id user_id --score risk --outcome churned',
  ],
  run: async (context) => {
    const { options } = context;
    const insufficient = choiceOption(options, 'insufficient', ['ok', 'exit-3'], 'exit-3');
    const report = await (options.predictions || options.outcomes
      ? fromTables(context)
      : fromProject(context));
    context.output.report(report, () => showEvaluation(context.output, report));
    return report.state === 'ok' || insufficient === 'ok' ? EXIT.fine : EXIT.insufficient;
  },
};

async function fromProject({ options, project }: CliContext): Promise<EvaluationReport> {
  const opened = await project();
  return evaluatePredictions(opened, {
    at: dayOption(options, 'at'),
    date: dayOption(options, 'date'),
    log: options.log === true ? projectLog(opened) : null,
  });
}

async function fromTables({ options, folder, signal }: CliContext): Promise<EvaluationReport> {
  if (options.log === true) {
    throw new ChurnError('usage.invalid', {
      expected: '--log only without --predictions and --outcomes',
      came: 'both',
    });
  }
  const { configSchema } = await import('../../config/schema.js');
  const defaults = configSchema.parse({});
  const because = 'with --predictions and --outcomes';
  const request = {
    predictions: resolve(folder, neededOption(options, 'predictions', 'with --outcomes')),
    outcomes: resolve(folder, neededOption(options, 'outcomes', 'with --predictions')),
    id: neededOption(options, 'id', because),
    score: neededOption(options, 'score', because),
    outcome: neededOption(options, 'outcome', because),
    seed: defaults.training.seed,
    draws: defaults.evaluation.draws,
  };
  const engine = await openLooseEngine(signal);
  try {
    return await evaluateTables(engine, request);
  } finally {
    await engine.close();
  }
}

export function showEvaluation(
  output: Output,
  report: EvaluationReport & Pick<ProjectEvaluationReport, 'served'>,
): void {
  if (report.prediction_date !== null) {
    output.line(
      `predictions of ${report.prediction_date}${report.version ? ` by ${report.version}` : ''}, outcomes until ${report.evaluation_date}`,
    );
  }
  output.table(
    ['measure', 'value', '95 % interval', ''],
    (['pr_auc', 'roc_auc', 'log_loss', 'brier'] as const).map((id) => [
      id,
      digits(report[id], 4),
      interval(report.intervals[id], 4),
      report.reasons[id] ?? '',
    ]),
    ['left', 'right'],
  );
  const { matched, immature, unmatched, excluded } = report.counts;
  output.line(
    `${count(matched)} judged (${count(report.positives)} churned, ${digits(report.positive_rate)}), ${count(immature)} immature, ${count(unmatched)} unmatched, ${count(excluded)} outside the population`,
  );
  if (report.served) {
    const { logged, without_user, superseded } = report.served;
    output.line(
      `${count(logged)} logged, ${count(without_user)} without a user id, ${count(superseded)} superseded by a later one of the same user`,
    );
  }
  if (report.matures_on !== null) {
    output.line(output.tone('warn', `not known yet: these predictions mature on ${report.matures_on}`));
  }
}
