import { driftSeries } from '../jobs/drift-series.js';
import { type CliContext, EXIT } from './command.js';
import { refuseOptions, statisticOption } from './drift-options.js';
import { showSeries } from './drift-view.js';
import { choiceOption, dayOption, windowOption } from './values.js';

/** Drift of each day or week against the training days, as a chart. Returns the exit code. */
export async function showOverTime({ output, options, project }: CliContext): Promise<number> {
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
