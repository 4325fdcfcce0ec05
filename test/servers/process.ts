import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Server {
  url: string;
  /** Its own; removed when it stops. */
  folder: string;
  stop(): Promise<void>;
}

/** Starts a server in a temporary folder and waits until it answers. */
export async function startServer(options: {
  program: string;
  /** Writes its files and says how it is called. */
  prepare(folder: string): Promise<string[]>;
  url: string;
  readyPath: string;
}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), `churn-${options.program}-`));
  const child = spawn(options.program, await options.prepare(folder), {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  const stop = async () => {
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const ends = Date.now() + 30_000;
  while (!(await answers(options.url + options.readyPath))) {
    if (child.exitCode !== null || Date.now() > ends) {
      await stop();
      assert.fail(`${options.program} does not start: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url: options.url, folder, stop };
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url).catch(() => null))?.ok ?? false;
}
