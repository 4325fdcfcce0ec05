import { type PromotionResult, promote } from '../../jobs/promote.js';
import { rollback } from '../../jobs/rollback.js';
import { AT_OPTION, type CliCommand, EXIT } from '../command.js';
import type { Output } from '../output.js';
import { dayOption, textOption } from '../values.js';
import { showComparison } from './compare.js';

export const promoteCommand: CliCommand = {
  name: 'promote',
  summary: 'make a version the champion if it is better than the present one on the same reserved rows',
  arguments: [{ name: '[version]', description: 'default: the challenger, or the newest version' }],
  options: [{ flags: '--force', description: 'promote without a comparison' }, AT_OPTION],
  examples: [
    'churn-mlops promote',
    'churn-mlops promote 20250831-1f2e3d4c5b',
    'churn-mlops promote challenger --force',
  ],
  run: async ({ output, args, options, project }) => {
    const result = await promote(await project(), {
      version: args[0] ?? null,
      force: options.force === true,
      at: dayOption(options, 'at'),
    });
    output.report(result, () => showPromotion(output, result));
    return EXIT.fine;
  },
};

export const rollbackCommand: CliCommand = {
  name: 'rollback',
  summary: 'put the champion of before back',
  options: [
    { flags: '--because <text>', description: 'reason, for the history', default: 'asked for by hand' },
  ],
  examples: ['churn-mlops rollback --because "complaints since Monday"'],
  run: async ({ output, options, project }) => {
    const result = await rollback(await project(), {
      because: textOption(options, 'because') ?? 'asked for by hand',
    });
    output.report(result, () => showPromotion(output, result));
    return EXIT.fine;
  },
};

const TONES = { promoted: 'good', held: 'warn', rejected: 'warn', none: 'dim' } as const;

export function showPromotion(output: Output, result: PromotionResult): void {
  if (result.comparison) {
    showComparison(output, result.comparison);
    output.line();
  }
  const replaced = result.replaced === null ? '' : `, replacing ${result.replaced}`;
  output.line(
    `${result.version} ${output.tone(TONES[result.verdict], result.verdict)}${replaced}: ${result.because}`,
  );
}
