import { createReadStream, createWriteStream } from 'node:fs';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ChurnError, messageOf } from '../../error.js';
import { asFileError } from '../../files.js';

export interface Conversion {
  /** A label of the WHATWG standard, as TextDecoder takes it. */
  encoding: string;
  /** Whether runs of blanks are delimiters; they become tabs, and those around a line go. */
  blanks: boolean;
}

/**
 * Writes a text file (also .gz) anew in UTF-8, in the memory of a few chunks.
 * @throws input.unreadable for bytes that the encoding does not know, and for a damaged .gz; config.invalid for .zst
 */
export async function convertText(
  from: string,
  to: string,
  conversion: Conversion,
  signal?: AbortSignal,
): Promise<void> {
  if (/\.zst$/i.test(from)) {
    throw new ChurnError('config.invalid', {
      expected: 'a .zst file in utf-8 with one delimiter',
      came: `${conversion.blanks ? 'csv.delimiter: whitespace' : `csv.encoding: ${conversion.encoding}`} for ${from}`,
      fix: 'unpack it, or pack it as .gz',
    });
  }
  const unpack = /\.gz$/i.test(from) ? [createGunzip()] : [];
  const steps = [createReadStream(from), ...unpack, rewriting(conversion), createWriteStream(to)];
  try {
    await pipeline(steps, { signal });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (signal?.aborted) {
      throw new ChurnError('work.cancelled', { expected: 'to finish', came: 'a request to stop' }, error);
    }
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      const fix = 'set csv.encoding to how the file is written, such as windows-1252';
      const came = 'bytes that are none';
      throw new ChurnError(
        'input.unreadable',
        { expected: `${conversion.encoding} in ${from}`, came, fix },
        error,
      );
    }
    if (code.startsWith('Z_')) {
      throw new ChurnError(
        'input.unreadable',
        { expected: `gzip in ${from}`, came: messageOf(error) },
        error,
      );
    }
    throw asFileError(error, code === 'ENOENT' || code === 'EACCES' ? from : to, 'write');
  }
}

function rewriting({ encoding, blanks }: Conversion): Transform {
  const decoder = new TextDecoder(encoding, { fatal: true });
  // Of the last line, which is not complete yet.
  let rest = '';
  const rewrite = (text: string, last: boolean): string => {
    if (!blanks) {
      return text;
    }
    const all = rest + text;
    const end = last ? all.length : all.lastIndexOf('\n') + 1;
    rest = all.slice(end);
    return tabbed(all.slice(0, end));
  };
  const step = (done: TransformCallback, decode: () => string, last = false) => {
    try {
      done(null, rewrite(decode(), last));
    } catch (error) {
      done(error as Error);
    }
  };
  return new Transform({
    transform: (chunk: Buffer, _, done) => step(done, () => decoder.decode(chunk, { stream: true })),
    flush: (done) => step(done, () => decoder.decode(), true),
  });
}

const tabbed = (lines: string): string =>
  lines.replace(/^[ \t]+|[ \t]+(?=\r?$)/gm, '').replace(/[ \t]+/g, '\t');
