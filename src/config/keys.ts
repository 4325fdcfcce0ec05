import { z } from 'zod';
import { configSchema } from './schema.js';

/** One key of the configuration, as the reference page and the environment know it. */
export interface ConfigKey {
  /** Dotted path; NAME stands for a name that the user chooses. */
  path: string;
  variable: string;
  type: string;
  default: unknown;
  description: string;
}

interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

const OPEN = 'NAME';

/** The JSON Schema of churn.yaml, for editors. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** Every key, parents before children, in the order of the schema. */
export function configKeys(): ConfigKey[] {
  const defaults = configSchema.parse({});
  const keys = new Map<string, ConfigKey>();
  const visit = (schema: JsonSchema, path: string[]) => {
    if (path.length > 0) {
      const dotted = path.join('.');
      const known = keys.get(dotted);
      const type = typeText(schema);
      keys.set(dotted, {
        path: dotted,
        variable: variableOf(dotted),
        type:
          known && known.type !== type
            ? [...new Set([...known.type.split(' | '), ...type.split(' | ')])].join(' | ')
            : type,
        default: known?.default ?? valueAt(defaults, path),
        description: merged(known?.description, schema.description),
      });
    }
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      visit(child, [...path, name]);
    }
    if (
      typeof schema.additionalProperties === 'object' &&
      Object.keys(schema.additionalProperties).length > 0
    ) {
      visit(schema.additionalProperties, [...path, OPEN]);
    }
    for (const option of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
      for (const [name, child] of Object.entries(option.properties ?? {})) {
        visit(child, [...path, name]);
      }
    }
  };
  visit(configJsonSchema(), []);
  return [...keys.values()];
}

/** How the variables begin that override keys. */
export const VARIABLE_PREFIX = 'CHURN_';

/** The environment variable that overrides a key. */
export function variableOf(path: string): string {
  return `${VARIABLE_PREFIX}${path.replaceAll('.', '_').toUpperCase()}`;
}

/** Keys that may be set from the environment: those without a name of the user's choice in them. */
export function environmentKeys(): ConfigKey[] {
  return configKeys().filter((key) => !key.path.split('.').includes(OPEN));
}

/** A key of several options of a union says what it is in each of them. */
function merged(known = '', description = ''): string {
  return known.split('; ').includes(description) || description === ''
    ? known
    : [known, description].filter(Boolean).join('; ');
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) {
    return String(schema.const);
  }
  if (schema.enum) {
    return schema.enum.map(String).join(' | ');
  }
  const options = schema.anyOf ?? schema.oneOf;
  if (options) {
    return [...new Set(options.map(typeText))].join(' | ');
  }
  if (schema.type === 'array') {
    return `list of ${schema.items ? typeText(schema.items) : 'values'}`;
  }
  return schema.type === 'object' ? 'map' : String(schema.type ?? 'value');
}

function valueAt(root: unknown, path: string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], root);
}
