import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from './data/engine/engine.js';
import { asFileError, removeLeftovers, removeTemporary, temporaryBeside } from './files.js';

/** An engine without a project, for commands that work on any files. */
export async function openLooseEngine(signal: AbortSignal, threads = 2): Promise<Engine> {
  const place = join(tmpdir(), 'churn-mlops-spill');
  await removeLeftovers(tmpdir(), { of: place });
  const spillFolder = temporaryBeside(place);
  await mkdir(spillFolder, { mode: 0o700 }).catch((error) => {
    throw asFileError(error, spillFolder, 'write');
  });
  const engine = await openEngine({ memoryLimit: '2GB', threads, spillFolder }, signal);
  return {
    ...engine,
    close: async () => {
      await engine.close();
      await removeTemporary(spillFolder);
    },
  };
}

/** An engine whose calls end when `signal` is aborted, unless a call names a signal of its own. */
export async function openEngine(
  settings: { memoryLimit: string; threads: number; spillFolder: string },
  signal: AbortSignal,
): Promise<Engine> {
  const { openDuckDB } = await import('./data/engine/duckdb.js');
  const engine = await openDuckDB(settings);
  return {
    ...engine,
    run: (statement, own = signal) => engine.run(statement, own),
    rows: (query, own = signal) => engine.rows(query, own),
    columns: (query, own = signal) => engine.columns(query, own),
    once: (key, make) => engine.once(key, (folder) => make(folder, signal)),
    write: (query, path, format, own = signal, ifEmpty) => engine.write(query, path, format, own, ifEmpty),
    keep: (query, path, own = signal) => engine.keep(query, path, own),
  };
}
