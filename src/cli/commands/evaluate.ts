import { ChurnError } from '../../error.js';
import { estimatePredictions } from '../../jobs/estimate.js';
import { evaluatePredictions } from '../../jobs/evaluate.js';
import { evaluateTables } from '../../jobs/evaluate-tables.js';
import type { FlagRule } from '../../monitor/performance/confusion.js';
import type { DetailedEvaluationReport } from '../../monitor/performance/report.js';
import { openLooseEngine } from '../../open.js';
import { projectLog } from '../../serve/prediction-log/relation.js';
import { AT_OPTION, type CliCommand, type CliContext, EXIT, type OptionValues } from '../command.js';
import { showEstimate } from '../estimate-text.js';
import { TABLE_OPTIONS, tablesRequest } from '../evaluate-tables.js';
import { showEvaluation } from '../evaluation-text.js';
import { choiceOption, dayOption, shareOption } from '../values.js';

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
    {
      flags: '--estimate',
      description:
        'do not wait for outcomes: estimate the newest predictions from the held-out rows of their version',
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
    'churn-mlops evaluate --predictions scores.csv --outcomes churned.csv --id user_id --score risk --outcome churned',
    'churn-mlops evaluate --predictions scores.csv --outcomes told.csv --id prediction_id --unit user_id --score risk --outcome churned --predicted scored_at --arrived told_at --horizon 30 --at 2025-10-31',
  ],
  run: async (context) => {
    const { options } = context;
    if (options.estimate === true) {
      return estimate(context);
    }
    const insufficient = choiceOption(options, 'insufficient', ['ok', 'exit-3'], 'exit-3');
    const report = await (options.predictions || options.outcomes
      ? fromTables(context)
      : fromProject(context));
    context.output.report(report, () => showEvaluation(context.output, report));
    return report.state === 'ok' || insufficient === 'ok' ? EXIT.fine : EXIT.insufficient;
  },
};

/** An estimate alerts by what it says, not by its exit code: nothing retrains by it. */
async function estimate({ options, project, output }: CliContext): Promise<number> {
  if (options.predictions || options.outcomes) {
    throw new ChurnError('usage.invalid', {
      expected: '--estimate without --predictions and --outcomes',
      came: 'both',
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

async function fromTables({ options, folder, signal }: CliContext): Promise<DetailedEvaluationReport> {
  if (options.log === true) {
    throw new ChurnError('usage.invalid', {
      expected: '--log only without --predictions and --outcomes',
      came: 'both',
    });
  }
  const request = await tablesRequest(options, folder, flagOption(options));
  const engine = await openLooseEngine(signal);
  try {
    return await evaluateTables(engine, request);
  } finally {
    await engine.close();
  }
}
