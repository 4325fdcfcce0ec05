import { scoreDay } from '../../jobs/score.js';
import { AT_OPTION, type CliCommand, EXIT } from '../command.js';
import { count, digits } from '../output.js';
import { dayOption, textOption } from '../values.js';

export const scoreCommand: CliCommand = {
  name: 'score',
  summary: 'score every user of a day and write the predictions file',
  options: [
    { flags: '--date <date>', description: 'day whose features are scored', default: 'as --at' },
    { flags: '--version <version>', description: 'version or alias', default: 'champion' },
    AT_OPTION,
  ],
  examples: [
    'churn-mlops score',
    'churn-mlops score --date 2025-09-01',
    'churn-mlops score --version challenger',
  ],
  run: async ({ output, options, project }) => {
    output.progress('scoring ...');
    const result = await scoreDay(await project(), {
      date: dayOption(options, 'date'),
      at: dayOption(options, 'at'),
      version: textOption(options, 'version') ?? 'champion',
    });
    output.report(result, () => {
      output.table(
        ['date', 'version', 'users', 'mean risk', 'file'],
        [[result.date, result.version, count(result.rows), digits(result.mean_risk), result.path]],
        ['left', 'left', 'right', 'right'],
      );
      if (result.held_out !== null) {
        output.line(`${count(result.held_out)} are in the random hold-out (hold_out = 1): do not treat them`);
      }
      const odd = Object.entries(result.unseen).map(([feature, rows]) => `${feature} (${count(rows)})`);
      if (odd.length > 0) {
        output.line(output.tone('warn', `values that the model has never seen: ${odd.join(', ')}`));
      }
    });
    return EXIT.fine;
  },
};
