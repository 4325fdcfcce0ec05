import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { asFileError, writeWhole } from '../files.js';
import type { History } from '../history/history.js';

/** Characters that are written at once. */
const CHARACTERS_AT_ONCE = 1 << 16;

/** Writes every record of a history into a file of JSON lines, whole. @returns its lines */
export async function exportHistory(history: History, path: string): Promise<number> {
  return writeWhole(path, async (temporary) => {
    const file = await open(temporary, 'w');
    try {
      let lines = 0;
      let waiting = '';
      for await (const line of history.exported()) {
        waiting += `${line}\n`;
        lines++;
        if (waiting.length > CHARACTERS_AT_ONCE) {
          await file.writeFile(waiting);
          waiting = '';
        }
      }
      await file.writeFile(waiting);
      return lines;
    } finally {
      await file.close();
    }
  });
}

/** Fills an empty history from such a file. @returns records per table */
export async function importHistory(history: History, path: string): Promise<Record<string, number>> {
  return history.imported(linesOf(path));
}

/** The lines of a file. Only a line feed ends one: node:readline would also split at characters that JSON may hold. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  } catch (error) {
    throw asFileError(error, path, 'read');
  }
  if (rest !== '') {
    yield rest;
  }
}
