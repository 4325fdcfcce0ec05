import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What one process took, all its threads counted, as the kernel saw it. */
export interface ChildRun {
  code: number;
  stdout: string;
  stderr: string;
  /** Wall time from its start to its end. */
  seconds: number;
  /** Processor time of all threads: hardly moves with what else the machine does. */
  cpuSeconds: number;
  peakMiB: number;
}

/**
 * Starts a program, waits for it and tells its own wall time, processor time and peak memory on descriptor 3.
 * Node does not report a child's usage, and a child started from a large process inherits that process's peak.
 */
const WATCHER = `
import json, os, sys, time
os.set_inheritable(3, False)
started = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - started
unit = 1 if sys.platform == 'darwin' else 1024
os.write(3, json.dumps({'seconds': seconds, 'cpuSeconds': usage.ru_utime + usage.ru_stime,
  'peakMiB': usage.ru_maxrss * unit / 2**20}).encode())
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

/** Without what only some machines set: certificates that Node reads at every start, which takes twice as long as the rest. */
const ORDINARY = { NODE_EXTRA_CA_CERTS: undefined };

/** Runs a program to its end. Never throws for its exit code. */
export function runChild(
  command: readonly string[],
  options: { folder?: string; environment?: NodeJS.ProcessEnv } = {},
): Promise<ChildRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', ['-c', WATCHER, ...command], {
      cwd: options.folder,
      env: { ...process.env, ...ORDINARY, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const texts = ['', '', ''];
    [child.stdout, child.stderr, child.stdio[3]].forEach((stream, i) => {
      stream?.on('data', (piece: Buffer) => {
        texts[i] += piece.toString();
      });
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (texts[2] === '') {
        reject(new Error(`${command.join(' ')} did not start: ${texts[1]}`));
        return;
      }
      resolve({ code: code ?? 1, stdout: texts[0], stderr: texts[1], ...JSON.parse(texts[2]) });
    });
  });
}

const MAIN = fileURLToPath(new URL('../../../bin/churn-mlops.js', import.meta.url));

/** Runs one of our commands as its own process; 2 (drift found) and 3 (too little data) are answers, not failures. */
export async function runCli(folder: string, args: readonly string[]): Promise<ChildRun> {
  const run = await runChild([process.execPath, MAIN, ...args], { folder });
  if (![0, 2, 3].includes(run.code)) {
    throw new Error(`churn-mlops ${args.join(' ')} ended with ${run.code}: ${run.stderr}`);
  }
  return run;
}

/** Runs a benchmark's own file again as a child with arguments that tell it its part; reads one JSON document back. */
export async function runSelf<T>(
  file: string,
  args: readonly string[],
): Promise<{ run: ChildRun; answer: T }> {
  const run = await runChild([process.execPath, fileURLToPath(file), ...args]);
  if (run.code !== 0) {
    throw new Error(`${args.join(' ')} ended with ${run.code}: ${run.stderr}`);
  }
  return { run, answer: JSON.parse(run.stdout) as T };
}
