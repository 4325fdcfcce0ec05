import { resolve } from 'node:path';
import { threadsToCount } from '../data/open-table.js';
import { driftOfTables } from '../jobs/drift-tables.js';
import { DRIFT_DEFAULTS } from '../monitor/drift/drift.js';
import type { DriftReport } from '../monitor/drift/report.js';
import { openLooseEngine } from '../open-engine.js';
import type { CliContext } from './command.js';
import { type Compat, refuseOptions, statisticOption } from './drift-options.js';
import { showDrift } from './drift-view.js';
import { listOption, neededOption, textOption } from './values.js';

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

/** Any two tables, or a saved profile and a table: needs no project, and loads none of its parts. */
export async function compareTables(
  { output, options, folder, signal }: CliContext,
  compat: Compat,
): Promise<DriftReport> {
  refuseOptions(options, PROJECT_OPTIONS, 'only without --reference and --current');
  const reference = resolve(folder, neededOption(options, 'reference', 'with --current'));
  const current = resolve(folder, neededOption(options, 'current', 'with --reference'));
  const engine = await openLooseEngine(signal, threadsToCount([reference, current]));
  try {
    output.progress('counting ...');
    const { report, left_out } = await driftOfTables(engine, {
      reference,
      current,
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
