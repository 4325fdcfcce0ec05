import { resolve } from 'node:path';
import type { EstimateTablesRequest } from '../jobs/estimate-tables.js';
import type { EvaluateTablesRequest } from '../jobs/evaluate-tables.js';
import { evaluationOptions } from '../jobs/evaluation-report.js';
import type { FlagRule } from '../monitor/performance/confusion.js';
import type { PeriodKind } from '../monitor/performance/over-time.js';
import type { OptionFacts, OptionValues } from './command.js';
import { dayOption, neededOption, textOption, wholeOption } from './values.js';

/** Options of `evaluate` that say more about two tables. */
export const TABLE_OPTIONS: readonly OptionFacts[] = [
  {
    flags: '--unit <column>',
    description: 'user in --predictions, whose rows belong together',
    default: '--id',
  },
  { flags: '--predicted <column>', description: 'time of the prediction in --predictions' },
  { flags: '--happened <column>', description: 'when the outcome happened, in --outcomes' },
  {
    flags: '--arrived <column>',
    description:
      'when the outcome became known: later rows correct earlier ones, and --at looks at no later ones',
  },
  { flags: '--horizon <days>', description: 'judge only predictions that are older; later churn is none' },
  { flags: '--lateness <days>', description: 'days that outcomes may come late', default: '0' },
  { flags: '--treated <column>', description: '1 where a user got an offer, in --outcomes' },
  {
    flags: '--hold-out <column>',
    description: '1 where a user was drawn at random to get none, in --outcomes',
  },
];

/** What the command line says about two tables. @throws usage.invalid */
export async function tablesRequest(
  options: OptionValues,
  folder: string,
  flag: FlagRule | null,
): Promise<EvaluateTablesRequest> {
  const { configSchema } = await import('../config/schema.js');
  const defaults = evaluationOptions(configSchema.parse({}));
  const because = 'with --predictions and --outcomes';
  const column = (name: string) => textOption(options, name) ?? undefined;
  return {
    predictions: resolve(folder, neededOption(options, 'predictions', 'with --outcomes')),
    outcomes: resolve(folder, neededOption(options, 'outcomes', 'with --predictions')),
    id: neededOption(options, 'id', because),
    score: neededOption(options, 'score', because),
    outcome: neededOption(options, 'outcome', because),
    unit: column('unit'),
    predicted: column('predicted'),
    happened: column('happened'),
    arrived: column('arrived'),
    treated: column('treated'),
    holdOut: column('holdOut'),
    horizonDays: options.horizon === undefined ? null : wholeOption(options, 'horizon', 0),
    latenessDays: wholeOption(options, 'lateness', 0, 0),
    at: dayOption(options, 'at'),
    segments: [],
    options: { ...defaults, flag: flag ?? defaults.flag },
  };
}

/** What it says about a table to estimate and one to learn from. @throws usage.invalid */
export async function estimateRequest(
  options: OptionValues,
  folder: string,
  { by, flag }: { by: PeriodKind | null; flag: FlagRule | null },
): Promise<EstimateTablesRequest> {
  const { configSchema } = await import('../config/schema.js');
  const defaults = evaluationOptions(configSchema.parse({}));
  const because = 'with --estimate and --reference';
  return {
    reference: resolve(folder, neededOption(options, 'reference', because)),
    predictions: resolve(folder, neededOption(options, 'predictions', because)),
    score: neededOption(options, 'score', because),
    outcome: neededOption(options, 'outcome', because),
    unit: textOption(options, 'unit') ?? undefined,
    predicted: textOption(options, 'predicted') ?? undefined,
    by,
    options: { ...defaults, flag: flag ?? defaults.flag },
  };
}
