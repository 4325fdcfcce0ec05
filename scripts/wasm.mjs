// Compiles each src/**/NAME.as to WebAssembly and writes it as NAME-bytes.ts beside it; with --check only says which of these
// files are not what it would write. The compiler is fetched into the temporary folder: a checkout needs it only here.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPILER = 'assemblyscript@0.28.20';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = readdirSync(join(root, 'src'), { recursive: true }).filter((path) => path.endsWith('.as'));
for (const source of sources.sort()) {
  const target = join(root, 'src', source.replace(/\.as$/, '-bytes.ts'));
  const lines = compile(join(root, 'src', source))
    .toString('hex')
    .match(/.{1,100}/g);
  const wanted = `// Written by scripts/wasm.mjs from the .as file beside it.
/** The compiled module in hexadecimal. */
export const BYTES =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
  if (!process.argv.includes('--check')) {
    writeFileSync(target, wanted);
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== wanted) {
    process.stderr.write(`src/${source} is not what was compiled; run node scripts/wasm.mjs\n`);
    process.exitCode = 1;
  }
}

function compile(source) {
  const tools = toolsFolder();
  const work = mkdtempSync(join(tmpdir(), 'churn-mlops-wasm-'));
  try {
    copyFileSync(source, join(work, 'module.ts'));
    const compiler = join(tools, 'node_modules/assemblyscript/bin/asc.js');
    const options = ['-O3', '--noAssert', '--runtime', 'stub', '--initialMemory', '1'];
    run(process.execPath, [compiler, 'module.ts', ...options, '--outFile', 'module.wasm'], work);
    return readFileSync(join(work, 'module.wasm'));
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
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', ['install', '--prefix', made, ...quiet, COMPILER], made);
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
