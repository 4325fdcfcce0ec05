// Puts the compiled command line into a few files (dist/cli): a command otherwise loads hundreds before it does anything, which takes
// half of the time of a short one. Packages with files or binaries of their own stay where they are.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Packages that commands load at once. */
const BUNDLED = ['cli-table3', 'commander', 'croner', 'kysely', 'yaml', 'zod'];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { dependencies, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const outdir = join(root, 'dist/cli');

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  // All lie in one folder, as new URL('./NAME.js', import.meta.url) finds them from any part.
  entryPoints: ['cli/main', 'model/trainer/xgboost-worker', 'serve/holder/scoring-worker'].map((name) =>
    join(root, 'dist/src', `${name}.js`),
  ),
  entryNames: '[name]',
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: engines.node.replace('>=', 'node'),
  external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
  // CommonJS packages among them ask for Node's own modules.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
});

const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => path.match(/node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []),
);
const licences = [...packages].sort().map((path) => {
  const folder = join(root, path);
  const name = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  return `${path.replace('node_modules/', '')}\n\n${readFileSync(join(folder, name), 'utf8').trim()}\n`;
});
writeFileSync(join(outdir, 'LICENSES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
