import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROCESS = fileURLToPath(new URL('./serve-process.js', import.meta.url));

export interface ServerProcess {
  child: ChildProcess;
  url: string;
  /** The exit code; null when a signal ended it. */
  ended: Promise<number | null>;
  log(): string;
}

/** Runs `serve` with options of its command line in a process of its own, for the project in a folder. */
export async function startServer(
  folder: string,
  options: object,
  environment: Record<string, string> = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--enable-source-maps', PROCESS, folder, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let [text, log] = ['', ''];
  child.stderr.on('data', (piece: Buffer) => {
    log += piece;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (piece: Buffer) => {
      text += piece;
      const found = /"url": "([^"]+)"/.exec(text);
      if (found) {
        resolve(found[1]);
      }
    });
    void ended.then((code) => reject(new Error(`ended with ${code}: ${log}`)));
  });
  return { child, url, ended, log: () => log };
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
