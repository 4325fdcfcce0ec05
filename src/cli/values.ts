import { ChurnError } from '../error.js';
import { addDays, type Day, parseDay, type Window } from '../time.js';
import type { OptionValues } from './command.js';

/** A day option; null when it was not given. @throws usage.invalid */
export function dayOption(options: OptionValues, name: string): Day | null {
  const value = options[name];
  return value === undefined ? null : parseDay(String(value), `--${name}`);
}

/** FROM..TO, both days included, as a window; null when it was not given. @throws usage.invalid */
export function windowOption(options: OptionValues, name: string): Window | null {
  const value = textOption(options, name);
  if (value === null) {
    return null;
  }
  const [first, last, ...more] = value.split('..');
  if (last === undefined || more.length > 0) {
    throw new ChurnError('usage.invalid', {
      expected: `--${name} as FROM..TO, such as 2025-06-01..2025-06-30`,
      came: `"${value}"`,
    });
  }
  const [from, to] = [parseDay(first, `--${name}`), parseDay(last, `--${name}`)];
  if (to < from) {
    throw new ChurnError('usage.invalid', { expected: `--${name} in order`, came: `"${value}"` });
  }
  return { from, to: addDays(to, 1) };
}

/** A whole number option. @throws usage.invalid */
export function wholeOption(options: OptionValues, name: string, fallback: number, minimum = 1): number {
  const value = options[name];
  if (value === undefined) {
    return fallback;
  }
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < minimum) {
    throw new ChurnError('usage.invalid', {
      expected: `--${name} as a whole number from ${minimum} on`,
      came: `"${value}"`,
    });
  }
  return number;
}

/** A number from 0 to 1; null when it was not given. @throws usage.invalid */
export function shareOption(options: OptionValues, name: string): number | null {
  const value = options[name];
  if (value === undefined) {
    return null;
  }
  const number = Number(value);
  if (value === '' || !(number >= 0 && number <= 1)) {
    throw new ChurnError('usage.invalid', { expected: `--${name} from 0 to 1`, came: `"${value}"` });
  }
  return number;
}

export function textOption(options: OptionValues, name: string): string | null {
  const value = options[name];
  return value === undefined ? null : String(value);
}

/** One of a few words. @throws usage.invalid */
export function choiceOption<T extends string>(
  options: OptionValues,
  name: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = options[name];
  if (value === undefined) {
    return fallback;
  }
  if (!choices.includes(value as T)) {
    throw new ChurnError('usage.invalid', {
      expected: `--${name} ${choices.join(' | ')}`,
      came: `"${value}"`,
    });
  }
  return value as T;
}

/** `a,b` or repeated options as a list; null when not given. @throws usage.invalid for an empty list */
export function listOption(options: OptionValues, name: string): string[] | null {
  const value = options[name];
  if (value === undefined || typeof value === 'boolean') {
    return null;
  }
  const parts = (Array.isArray(value) ? value : [value])
    .flatMap((text) => text.split(','))
    .map((text) => text.trim());
  const list = parts.filter((text) => text !== '');
  if (list.length === 0) {
    throw new ChurnError('usage.invalid', { expected: `--${name} with at least one name`, came: 'none' });
  }
  return list;
}

/** An option that this way of calling needs. @throws usage.invalid */
export function neededOption(options: OptionValues, name: string, because: string): string {
  const value = textOption(options, name);
  if (value === null) {
    throw new ChurnError('usage.invalid', {
      expected: `--${name} (${because})`,
      came: 'a command line without it',
    });
  }
  return value;
}
