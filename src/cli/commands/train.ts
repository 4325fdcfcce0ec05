import { trainVersion } from '../../jobs/train.js';
import type { Manifest } from '../../model/registry/manifest.js';
import { addDays } from '../../time.js';
import { AT_OPTION, type CliCommand, EXIT } from '../command.js';
import { bar, count, digits, interval, type Output } from '../output.js';
import { choiceOption, dayOption } from '../values.js';

export const trainCommand: CliCommand = {
  name: 'train',
  summary: 'train a version from the training set and register it; promotes nothing',
  options: [
    {
      flags: '--trainer <name>',
      description: 'xgboost, or linear as a baseline',
      default: 'training.trainer',
    },
    AT_OPTION,
  ],
  examples: [
    'churn-mlops train',
    'churn-mlops train --trainer linear',
    'churn-mlops train --at 2025-08-31 --json',
  ],
  run: async ({ output, options, project }) => {
    const opened = await project();
    const manifest = await trainVersion(opened, {
      at: dayOption(options, 'at'),
      trainer: choiceOption<'xgboost' | 'linear'>(
        options,
        'trainer',
        ['xgboost', 'linear'],
        opened.config.training.trainer,
      ),
      onRound: ({ round, rounds, fitLoss }) =>
        output.progress(`training: round ${round} of at most ${rounds}, log loss ${fitLoss.toFixed(4)}`),
    });
    output.report(manifest, () => showManifest(output, manifest));
    return EXIT.fine;
  },
};

/** What a person wants to know of a version. */
export function showManifest(output: Output, manifest: Manifest): void {
  const { data } = manifest;
  output.line(
    `${output.tone('strong', manifest.version)}  ${manifest.trainer}, ${manifest.rounds} rounds, as of ${manifest.at}`,
  );
  output.table(
    ['part', 'from', 'to', 'rows', 'users', 'churned'],
    [
      [
        'learnt from',
        data.from,
        addDays(data.to, -1),
        count(data.rows),
        count(data.users),
        count(data.positives),
      ],
      [
        'tested on',
        data.test.from,
        addDays(data.test.to, -1),
        count(data.test.rows),
        count(data.test.users),
        count(data.test.positives),
      ],
    ],
    ['left', 'left', 'left', 'right', 'right', 'right'],
  );
  output.line();
  output.table(
    ['measure', 'test days', '95 % interval'],
    (['pr_auc', 'roc_auc', 'log_loss', 'brier', 'ece'] as const).map((id) => {
      const { value, interval: range, reason } = manifest.measures[id];
      return [id, digits(value, 4), value === null ? (reason ?? '-') : interval(range, 4)];
    }),
    ['left', 'right'],
  );
  output.line(
    `positive rate ${digits(manifest.positive_rate)}; calibration ${manifest.calibration.method}; ONNX equals the library within ${manifest.proof.max_difference.toExponential(1)} on ${count(manifest.proof.rows)} rows`,
  );
  for (const warning of manifest.warnings ?? []) {
    output.line(output.tone('warn', warning));
  }
  output.line();
  const top = manifest.importance.slice(0, 8);
  output.table(
    ['feature', 'mean contribution (log-odds)'],
    top.map(({ feature, mean_contribution }) => [
      feature,
      `${digits(mean_contribution)} ${bar(mean_contribution, top[0].mean_contribution, 20)}`,
    ]),
  );
}
