import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../src/model/trainer/library.js';

const run = promisify(execFile);

/** Installs packages of the Python package index once into a folder of the cache; gives its Python. */
export async function pythonWith(packages: readonly string[]): Promise<string> {
  const key = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `python-${key}`);
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'installed');
  if ((await stat(done).catch(() => null)) !== null) {
    return python;
  }
  await mkdir(cacheFolder(), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
    timeout: 600_000,
  });
  await writeFile(done, packages.join('\n'));
  return python;
}

export interface Run {
  code: number;
  output: string;
}

/** Runs a script, or a module with `-m`; its output is both streams together. */
export async function runPython(python: string, args: readonly string[], milliseconds: number): Promise<Run> {
  const options = { timeout: milliseconds, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout, stderr } = await run(python, [...args], options);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : 1, output: stdout + stderr };
  }
}
