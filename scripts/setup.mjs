// Brings a checkout to the point where everything runs, doing only what is missing: the npm packages, then the
// compiled sources. Uses nothing but Node itself. The XGBoost library is fetched by the first training (see doctor).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const forceBuild = process.argv.includes('--force-build');

const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [oldest] = engines.node.match(/[\d.]+/);
const [major, minor] = process.versions.node.split('.').map(Number);
const [leastMajor, leastMinor] = oldest.split('.').map(Number);
if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
  fail(`expected Node ${oldest} or newer; got ${process.version}; install a current Node`);
}

const installed = join(root, 'node_modules/.churn-mlops-lock');
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
  run('installing the npm packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(installed, lock);
}

const stamp = join(root, 'dist/.built');
if (
  forceBuild ||
  !existsSync(stamp) ||
  newest([
    'src',
    'test',
    'bench',
    'scripts/bundle.mjs',
    'tsconfig.json',
    'package.json',
    'package-lock.json',
  ]) > statSync(stamp).mtimeMs
) {
  removeOrphans();
  run('compiling', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root]);
  run('bundling', process.execPath, [join(root, 'scripts/bundle.mjs')]);
  writeFileSync(stamp, '');
}

/** Deletes compiled files whose source is gone, so that a removed test does not live on. */
function removeOrphans() {
  for (const folder of ['src', 'test', 'bench']) {
    const compiled = join(root, 'dist', folder);
    for (const name of existsSync(compiled) ? readdirSync(compiled, { recursive: true }) : []) {
      const source = join(root, folder, String(name).replace(/\.(js|js\.map|d\.ts)$/, '.ts'));
      if (source.endsWith('.ts') && !existsSync(source)) {
        rmSync(join(compiled, String(name)));
      }
    }
  }
}

function newest(names) {
  return Math.max(
    ...names.flatMap((name) => {
      const path = join(root, name);
      if (!existsSync(path)) return [0];
      if (!statSync(path).isDirectory()) return [statSync(path).mtimeMs];
      return [statSync(path).mtimeMs, newest(readdirSync(path).map((child) => join(name, child)))];
    }),
    0,
  );
}

function run(what, command, args) {
  process.stderr.write(`${what} ...\n`);
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    fail(
      `${what} failed (${command} ended with ${result.status ?? result.error?.message}); mend what it says above and run again`,
    );
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
