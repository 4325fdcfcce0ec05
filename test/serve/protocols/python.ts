import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { cacheFolder } from '../../../src/model/trainer/library.js';

const run = promisify(execFile);

/** Sources of the scripts; dist/ holds only what is compiled. */
const SCRIPTS = 'test/serve/protocols';

/** Installs packages of the Python package index once into a folder of the cache; its Python, or null where there is none. */
export async function pythonWith(packages: readonly string[]): Promise<string | null> {
  const key = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `protocol-clients-${key}`);
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'installed');
  if ((await stat(done).catch(() => null)) !== null) {
    return python;
  }
  try {
    await mkdir(cacheFolder(), { recursive: true });
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
      timeout: 600_000,
    });
    await writeFile(done, packages.join('\n'));
    return python;
  } catch {
    return null;
  }
}

/** Listens on a free port until the test ends. */
export async function listening(test: TestContext, app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  test.after(() => app.close());
  return `127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

export interface Run {
  code: number;
  output: string;
}

/** Runs a script of this folder, or a module with `-m`; its output is both streams together. */
export async function runPython(python: string, args: readonly string[], milliseconds: number): Promise<Run> {
  const [first, ...rest] = args;
  const script = first.endsWith('.py') ? join(SCRIPTS, first) : first;
  const options = { timeout: milliseconds, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout, stderr } = await run(python, [script, ...rest], options);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : 1, output: stdout + stderr };
  }
}
