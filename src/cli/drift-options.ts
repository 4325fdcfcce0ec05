import type { Config } from '../config/schema.js';
import { ChurnError } from '../error.js';
import { STATISTICS } from '../monitor/drift/index.js';
import type { OptionValues } from './command.js';
import { choiceOption, textOption } from './values.js';

export type Compat = Config['drift']['compat'];

/** Ours are checked here; other systems know their own. */
export function statisticOption(options: OptionValues, compat: Compat): string | null {
  return compat === 'none' && options.statistic !== undefined
    ? choiceOption(
        options,
        'statistic',
        STATISTICS.map(({ id }) => id),
        'psi',
      )
    : textOption(options, 'statistic');
}

/** @throws usage.invalid naming those that are given */
export function refuseOptions(options: OptionValues, names: string[], expected: string): void {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length > 0) {
    const named = given.map((name) => `--${name}`).join(' and ');
    throw new ChurnError('usage.invalid', { expected: `${named} ${expected}`, came: 'both' });
  }
}
