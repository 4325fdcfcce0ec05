// Compiles src/monitor/profile/kernel.as and writes it as kernel-bytes.ts beside it; with --check only says whether that
// file is what it would write. The compiler is fetched into the temporary folder: a checkout needs it only here.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPILER = 'assemblyscript@0.28.20';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/monitor/profile');
const bytesPath = join(folder, 'kernel-bytes.ts');

const bytes = compile(join(folder, 'kernel.as'));
const lines = bytes.toString('hex').match(/.{1,100}/g);
const wanted = `// Written by scripts/kernel.mjs from kernel.as.
/** The compiled kernel in hexadecimal. */
export const KERNEL =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
if (!process.argv.includes('--check')) {
  writeFileSync(bytesPath, wanted);
} else if (!existsSync(bytesPath) || readFileSync(bytesPath, 'utf8') !== wanted) {
  process.stderr.write('kernel-bytes.ts is not what kernel.as becomes; run node scripts/kernel.mjs\n');
  process.exitCode = 1;
}

function compile(source) {
  const tools = toolsFolder();
  const work = mkdtempSync(join(tmpdir(), 'churn-mlops-kernel-'));
  try {
    copyFileSync(source, join(work, 'kernel.ts'));
    const compiler = join(tools, 'node_modules/assemblyscript/bin/asc.js');
    const options = [
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--initialMemory',
      '1',
      '--outFile',
      'kernel.wasm',
    ];
    run(process.execPath, [compiler, 'kernel.ts', ...options], work);
    return readFileSync(join(work, 'kernel.wasm'));
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Installed beside its place, then renamed: two may install at the same time. */
function toolsFolder() {
  const place = join(tmpdir(), `churn-mlops-${COMPILER.replace('@', '-')}`);
  if (!existsSync(place)) {
    const made = mkdtempSync(`${place}-`);
    mkdirSync(join(made, 'node_modules'));
    run(
      'npm',
      ['install', '--prefix', made, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', COMPILER],
      made,
    );
    try {
      renameSync(made, place);
    } catch (error) {
      rmSync(made, { recursive: true });
      if (!existsSync(place)) {
        throw error;
      }
    }
  }
  return place;
}

function run(command, args, cwd) {
  const result = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    throw new Error(`${command} ended with ${result.status ?? result.error?.message}`);
  }
}
