import { environmentKeys, VARIABLE_PREFIX } from './keys.js';
import { parseYamlValue } from './yaml.js';

/**
 * The keys that the environment sets. Texts are taken as they stand, so that a path may begin with `*`; everything else
 * is YAML, so that lists and maps can be given.
 * @throws config.invalid when a value is no YAML
 */
export function environmentValues(
  environment: NodeJS.ProcessEnv,
): { path: string; value: unknown; variable: string }[] {
  if (!Object.keys(environment).some((variable) => variable.startsWith(VARIABLE_PREFIX))) {
    return []; // To list the keys takes 30 ms of every command.
  }
  return environmentKeys().flatMap(({ path, variable, type }) => {
    const text = environment[variable];
    if (text === undefined || text === '') {
      return [];
    }
    return [{ path, variable, value: type === 'string' ? text : parseYamlValue(text, variable) }];
  });
}

/** Sets the value at a path, making the maps on the way. */
export function setAt(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (rest.length === 0) {
    root[first] = value;
    return;
  }
  const inner = root[first];
  root[first] = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  setAt(root[first] as Record<string, unknown>, rest, value);
}
