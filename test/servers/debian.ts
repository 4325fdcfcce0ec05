import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program of a Debian package, which is installed (as root) when the program is not there. */
export function requireProgram(program: string, debianPackage: string): void {
  const installed = () => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
  if (!installed()) {
    // Of two test files that find programs missing one waits: apt-get itself does not wait for its lists.
    const lock = join(tmpdir(), 'churn-mlops-apt.lock');
    const apt = (...args: string[]) =>
      execFileSync('flock', [lock, 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    apt('update');
    apt('install', '-y', '--no-install-recommends', debianPackage);
  }
  assert.ok(installed(), `${program} is there`);
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
