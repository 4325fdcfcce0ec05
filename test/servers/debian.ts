import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';

/** Makes sure that a program is there; installs Debian's package of it when it is not, waiting for other installers. */
export function requireProgram(program: string, packageName = program): void {
  const installed = () => spawnSync(program, ['--version']).status === 0;
  if (!installed()) {
    const options = {
      stdio: 'ignore' as const,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    };
    execFileSync('apt-get', ['update', '-q', '-o', 'DPkg::Lock::Timeout=300'], options);
    execFileSync(
      'apt-get',
      ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', packageName],
      options,
    );
  }
  assert.ok(installed(), `${program} is there`);
}
