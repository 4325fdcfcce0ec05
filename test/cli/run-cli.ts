import { type ChildProcess, spawn } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The command line as it ships. */
export const MAIN = fileURLToPath(new URL('../../../bin/churn-mlops.js', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export interface Running {
  process: ChildProcess;
  ended: Promise<Ended>;
  /** What it has written to standard error so far. */
  err(): string;
}

/** A test that fails half-way must not leave processes that keep its file from ending. */
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) {
    child.kill('SIGKILL');
  }
});

/** The command line as a process of its own. */
export function startCli(
  folder: string,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
  node = process.execPath,
): Running {
  return startProcess(node, [MAIN, ...args], folder, environment);
}

/** Any command as a process. */
export function startProcess(
  command: string,
  args: string[],
  folder: string,
  environment: NodeJS.ProcessEnv,
): Running {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, out, err });
    });
  });
  running.add(child);
  return { process: child, ended, err: () => err };
}

export interface ServeRunning extends Running {
  url: string;
  stop(): Promise<void>;
}

/** `churn-mlops serve` on a free port, once it says where it listens. @throws what it wrote when it ends before */
export async function startServe(
  folder: string,
  args: string[] = [],
  environment: NodeJS.ProcessEnv = {},
  node = process.execPath,
): Promise<ServeRunning> {
  const running = startCli(folder, ['serve', '--port', '0', '--json', ...args], environment, node);
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    running.process.stdout?.on('data', (chunk) => {
      text += chunk;
      const [, found] = /"url": "([^"]+)"/.exec(text) ?? [];
      if (found) {
        resolve(found);
      }
    });
    void running.ended.then(({ code, err }) => reject(new Error(`ended with ${code}: ${err}`)));
  });
  const stop = async () => {
    running.process.kill();
    await running.ended;
  };
  return { ...running, url, stop };
}

export function runCli(folder: string, args: string[], environment?: NodeJS.ProcessEnv): Promise<Ended> {
  return startCli(folder, args, environment).ended;
}

/** POST with a body, GET without. */
export async function ask(url: string, body?: object): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, text: await response.text() };
}
