import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChildRun, runChild } from './child.js';
import { progress } from './report.js';

/** Packages of each peer. */
const ENVIRONMENTS = {
  numpy: ['numpy', 'pandas', 'pyarrow'],
  sklearn: ['scikit-learn>=1.7,<2', 'pandas', 'pyarrow'],
  xgboost: ['xgboost-cpu==3.2.0', 'numpy'],
  nannyml: ['nannyml==0.13.1', 'statsmodels', 'pyarrow'],
  evidently: ['evidently==0.7.23', 'pandas<3', 'pyarrow'],
} as const;

export type PythonEnvironment = keyof typeof ENVIRONMENTS;

/**
 * The interpreter of a virtual environment with a peer's packages, made with pip in the temporary folder on first use
 * and kept for the next run; null (with the reason on stderr) when it cannot be made.
 */
export async function pythonWith(name: PythonEnvironment): Promise<string | null> {
  const folder = join(tmpdir(), 'churn-bench-python', name);
  const python = join(folder, 'bin/python');
  const stamp = join(folder, '.complete');
  if (existsSync(stamp)) {
    return python;
  }
  progress(`making a Python environment for ${name} ...`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const install = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...ENVIRONMENTS[name]];
  for (const command of [
    ['python3', '-m', 'venv', folder],
    [python, ...install],
  ]) {
    const run = await runChild(command);
    if (run.code !== 0) {
      progress(`without ${name}: ${run.stderr.trim().split('\n').at(-1)}`);
      return null;
    }
  }
  await writeFile(stamp, '');
  return python;
}

/** A Python file that stands beside the benchmarks' sources. */
export function ownScript(name: string): string {
  return fileURLToPath(new URL(`../../../bench/python/${name}`, import.meta.url));
}

/** Runs a script that prints one JSON line. */
export async function runPython<T>(
  python: string,
  script: string,
  args: readonly string[],
): Promise<{ run: ChildRun; answer: T }> {
  const run = await runChild([python, script, ...args]);
  if (run.code !== 0) {
    throw new Error(`${script} ended with ${run.code}: ${run.stderr}`);
  }
  return { run, answer: JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '') as T };
}
