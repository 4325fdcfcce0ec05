import { ChurnError } from '../../error.js';

/**
 * The parameters as texts, once every name is known: the library only warns about a name it does not know, and trains
 * without it. @throws config.invalid naming the first unknown one.
 */
export function checkedParameters(
  parameters: Readonly<Record<string, string | number>>,
  known: readonly string[],
  title: string,
): Record<string, string> {
  for (const [name, value] of Object.entries(parameters)) {
    if (!known.includes(name)) {
      throw new ChurnError('config.invalid', {
        expected: `a parameter of ${title}: ${known.join(', ')}`,
        came: `"${name}"`,
      });
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new ChurnError('config.invalid', { expected: `a finite ${name}`, came: `${value}` });
    }
  }
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
}
