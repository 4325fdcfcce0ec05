import { type Document, isMap, isPair, isScalar, LineCounter, parse, parseDocument } from 'yaml';
import { ChurnError, messageOf } from '../error.js';

/**
 * The keys and values of a YAML text, and the line of every key by its dotted path.
 * @throws config.invalid when it is no YAML, or no map
 */
export function parseYaml(
  text: string,
  file: string,
): { values: Record<string, unknown>; lines: Map<string, number> } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  if (document.errors.length > 0) {
    const [error] = document.errors;
    throw new ChurnError(
      'config.invalid',
      {
        expected: `YAML in ${file}:${counter.linePos(error.pos[0]).line}`,
        came: error.message.split('\n')[0],
      },
      error,
    );
  }
  const lines = new Map<string, number>();
  const walk = (node: unknown, path: string[]) => {
    if (!isMap(node)) {
      return;
    }
    for (const pair of node.items) {
      if (isPair(pair) && isScalar(pair.key)) {
        const here = [...path, String(pair.key.value)];
        lines.set(here.join('.'), counter.linePos(pair.key.range?.[0] ?? 0).line);
        walk(pair.value, here);
      }
    }
  };
  walk(document.contents, []);
  const values = plainValues(document, file);
  if (typeof values !== 'object' || Array.isArray(values)) {
    throw new ChurnError('config.invalid', {
      expected: `keys and values in ${file}`,
      came: Array.isArray(values) ? 'a list' : `"${String(values)}"`,
    });
  }
  return { values: values as Record<string, unknown>, lines };
}

/** The document as plain values; an alias without its anchor shows only here. */
function plainValues(document: Document, file: string): unknown {
  try {
    return (document.toJS() ?? {}) as unknown;
  } catch (error) {
    throw new ChurnError(
      'config.invalid',
      {
        expected: `YAML in ${file}`,
        came: messageOf(error),
        fix: 'put texts that begin with * or & in quotes',
      },
      error,
    );
  }
}

/** One YAML value that stands alone in `where`. @throws config.invalid when it is no YAML */
export function parseYamlValue(text: string, where: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw new ChurnError(
      'config.invalid',
      { expected: `a YAML value in ${where}`, came: messageOf(error).split('\n')[0] },
      error,
    );
  }
}
