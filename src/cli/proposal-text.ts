import type { Proposal } from '../data/discovery/proposal.js';
import { counted, type Output } from './output.js';

/** Keys that decide what the model is; the others are in the file. */
const SHOWN = /^(sources|label|population|training)\./;

/** What was proposed, for people: the files, the keys that decide most, what to look at. */
export function showProposal({ files, settings, notes, left_out }: Proposal, output: Output): void {
  output.table(
    ['file', 'role', 'why'],
    files.map(({ files: name, role, because }) => [name, role, because]),
  );
  output.line();
  output.table(
    ['key', 'value', 'confidence'],
    settings
      .map(({ path, value, confidence }) => ({ key: path.join('.'), value, confidence }))
      .filter(({ key }) => SHOWN.test(key))
      .map(({ key, value, confidence }) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
        output.tone(confidence === 'low' ? 'warn' : 'dim', confidence),
      ]),
  );
  output.line();
  const features = settings.filter(({ path }) => path[0] === 'features' && path[1] === 'daily').length;
  output.line(
    `${counted(features, 'daily column')}; not used of the files: ${counted(left_out.length, 'column')} (--json says why)`,
  );
  for (const note of notes) {
    output.line(`${output.tone('warn', 'look at')}: ${note}`);
  }
}
