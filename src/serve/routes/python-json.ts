import { HttpProblem } from '../problem.js';

const NAN = 'NaN';
const BACKSLASH = 92;

/**
 * JSON as Python clients write it: a bare NaN stands for a missing value and is read as null. Infinity is no JSON here
 * either: no model has a use for it.
 * @throws HttpProblem 400 for anything else that is not JSON
 */
export function parsePythonJson(bytes: Buffer): unknown {
  try {
    const text = bytes.toString('utf8');
    return JSON.parse(bytes.includes(NAN) ? withoutBareNaN(text) : text);
  } catch (error) {
    throw new HttpProblem(
      'http.invalid',
      `expected a JSON body; got ${(error as Error).message.slice(0, 200)}`,
    );
  }
}

/**
 * Every NaN outside of texts becomes null; texts that hold the word stay as they are. Looks only at quotes and at the
 * letters NaN, each place once: what else is wrong with the document is for the JSON parser to say.
 */
export function withoutBareNaN(json: string): string {
  const pieces: string[] = [];
  let kept = 0;
  let at = 0;
  let quote = json.indexOf('"');
  let nan = json.indexOf(NAN);
  while (nan !== -1) {
    if (quote === -1 || nan < quote) {
      pieces.push(json.slice(kept, nan), 'null');
      at = nan + NAN.length;
      kept = at;
    } else {
      at = endOfText(json, quote);
      quote = json.indexOf('"', at);
    }
    nan = nan < at ? json.indexOf(NAN, at) : nan;
  }
  pieces.push(json.slice(kept));
  return pieces.join('');
}

/** The place after the closing quote of the text that opens at `quote`. */
function endOfText(json: string, quote: number): number {
  let end = json.indexOf('"', quote + 1);
  while (end !== -1 && isEscaped(json, end)) {
    end = json.indexOf('"', end + 1);
  }
  return end === -1 ? json.length : end + 1;
}

function isEscaped(json: string, at: number): boolean {
  let slashes = 0;
  while (json.charCodeAt(at - 1 - slashes) === BACKSLASH) {
    slashes++;
  }
  return slashes % 2 === 1;
}
