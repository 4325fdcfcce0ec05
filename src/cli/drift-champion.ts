import { checkDrift } from '../jobs/drift.js';
import type { Against } from '../jobs/drift-windows.js';
import type { DriftReport } from '../monitor/drift/report.js';
import { projectLog } from '../serve/prediction-log/relation.js';
import { addDays } from '../time.js';
import type { CliContext, OptionValues } from './command.js';
import { type Compat, refuseOptions, statisticOption } from './drift-options.js';
import { showDetails, showDrift } from './drift-view.js';
import { count } from './output.js';
import { dayOption, listOption, textOption, windowOption } from './values.js';

/** Newer rows of the project with what its champion learnt from. */
export async function compareWithChampion(
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

function againstOption(options: OptionValues): Against | null {
  const value = textOption(options, 'against');
  return value === null || value === 'training' || value === 'previous'
    ? value
    : windowOption(options, 'against');
}
