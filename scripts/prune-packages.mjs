// Takes out of node_modules what an image does not need: binaries of other platforms that packages bring along, and with
// --serve what only training uses. Prints what went and how large it was.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...flags] = process.argv.slice(2);
const binaries = join(folder, 'onnxruntime-node/bin');

for (const abi of readdirSync(binaries)) {
  for (const platform of readdirSync(join(binaries, abi))) {
    for (const machine of readdirSync(join(binaries, abi, platform))) {
      if (platform !== process.platform || machine !== process.arch) {
        remove(join(binaries, abi, platform, machine));
      }
    }
  }
}
if (flags.includes('--serve')) {
  remove(join(folder, 'koffi'));
  remove(join(folder, '@koromix'));
}

function remove(path) {
  if (existsSync(path)) {
    console.log(`${path}: ${Math.round(sizeOf(path) / 2 ** 20)} MiB`);
    rmSync(path, { recursive: true });
  }
}

function sizeOf(path) {
  const facts = statSync(path);
  return facts.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : facts.size;
}
