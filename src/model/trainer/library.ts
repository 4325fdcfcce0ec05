import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ChurnError, messageOf } from '../../error.js';
import { fetchLibrary, PINNED, readCommand } from './library-fetch.js';
import { openNative } from './xgboost-native.js';

/** A libxgboost that was loaded once and answered with its version. */
export interface FoundLibrary {
  path: string;
  version: string;
  origin: LibraryOrigin;
}

export type LibraryOrigin = 'environment' | 'cache' | 'python' | 'system' | 'fetched';

type Environment = NodeJS.ProcessEnv;

interface Search {
  found: FoundLibrary | null;
  /** One line per place that was looked at, for the person who has to put it right. */
  tried: string[];
}

const FILE = process.platform === 'darwin' ? 'libxgboost.dylib' : 'libxgboost.so';

/**
 * Looks for XGBoost's C library: CHURN_XGBOOST_LIBRARY, our cache, a Python installation, the system's folders.
 * Every candidate is loaded to see that it works; null when none does.
 * @throws library.missing when CHURN_XGBOOST_LIBRARY is set and cannot be used: another is not taken behind one's back.
 */
export async function findLibrary(environment: Environment = process.env): Promise<FoundLibrary | null> {
  return (await search(environment)).found;
}

/**
 * Finds the library or fetches the pinned one once from the Python package index (with pip) into our cache.
 * @throws library.missing with every place tried and what to do.
 */
export async function ensureLibrary(
  onProgress: (message: string) => void = () => undefined,
  environment: Environment = process.env,
): Promise<FoundLibrary> {
  const { found, tried } = await search(environment);
  if (found !== null) {
    return found;
  }
  const folder = cachedFolder(environment);
  const path = join(folder, 'xgboost/lib', FILE);
  try {
    await fetchLibrary(folder, () => loads(path), onProgress, environment);
    return { path, version: openNative(path).version, origin: 'fetched' };
  } catch (error) {
    throw missing([...tried, `fetching ${PINNED.name} ${PINNED.version}: ${messageOf(error)}`], error);
  }
}

/** Where fetched libraries are kept: CHURN_CACHE, XDG_CACHE_HOME/churn-mlops or ~/.cache/churn-mlops. */
export function cacheFolder(environment: Environment = process.env): string {
  if (environment.CHURN_CACHE) {
    return resolve(environment.CHURN_CACHE);
  }
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'churn-mlops');
}

function cachedFolder(environment: Environment): string {
  return join(cacheFolder(environment), `${PINNED.name}-${PINNED.version}`);
}

async function search(environment: Environment): Promise<Search> {
  const tried: string[] = [];
  const load = (path: string, origin: LibraryOrigin): FoundLibrary | null => {
    if (!existsSync(path)) {
      tried.push(`${origin}: no ${path}`);
      return null;
    }
    try {
      return { path, version: openNative(path).version, origin };
    } catch (error) {
      tried.push(`${origin}: ${path} does not load (${messageOf(error)})`);
      return null;
    }
  };

  const named = environment.CHURN_XGBOOST_LIBRARY;
  if (named) {
    const found = load(resolve(named), 'environment');
    if (found === null) {
      throw missing(tried, undefined, 'CHURN_XGBOOST_LIBRARY to name a library that loads');
    }
    return { found, tried };
  }
  const cached = load(join(cachedFolder(environment), 'xgboost/lib', FILE), 'cache');
  if (cached !== null) {
    return { found: cached, tried };
  }
  for (const [origin, candidates] of [
    ['python', pythonCandidates],
    ['system', systemCandidates],
  ] as const) {
    const paths = await candidates(environment);
    if (paths.length === 0) {
      tried.push(`${origin}: none installed`);
    }
    for (const path of paths) {
      const found = load(path, origin);
      if (found !== null) {
        return { found, tried };
      }
    }
  }
  return { found: null, tried };
}

function loads(path: string): boolean {
  try {
    openNative(path);
    return true;
  } catch {
    return false;
  }
}

/** Asks Python where its xgboost package lies, without importing it (which takes seconds). */
async function pythonCandidates(environment: Environment): Promise<string[]> {
  const script = [
    'import importlib.util, os',
    "spec = importlib.util.find_spec('xgboost')",
    "print(os.path.dirname(spec.origin) if spec and spec.origin else '')",
  ].join('\n');
  const folder = (await readCommand('python3', ['-c', script], environment))?.trim();
  return folder ? [join(folder, 'lib', FILE)] : [];
}

async function systemCandidates(environment: Environment): Promise<string[]> {
  const listed = (await readCommand('ldconfig', ['-p'], environment)) ?? '';
  const known = [...listed.matchAll(/libxgboost\.so\S*\s.*=>\s*(\S+)/g)].map((match) => match[1]);
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const folders = [
    '/usr/local/lib',
    '/opt/homebrew/lib',
    `/usr/lib/${machine}-linux-gnu`,
    '/usr/lib64',
    '/usr/lib',
  ];
  const usual = folders.flatMap((folder) => [FILE, `${FILE}.0`].map((file) => join(folder, file)));
  return [...new Set([...known, ...usual.filter((path) => existsSync(path))])];
}

function missing(
  tried: readonly string[],
  cause?: unknown,
  expected = "XGBoost's library, to train with",
): ChurnError {
  return new ChurnError(
    'library.missing',
    {
      expected,
      came: `none that works (${tried.join('; ')})`,
      fix:
        `allow access to a Python package index once, or run "python3 -m pip install ${PINNED.name}==${PINNED.version}", ` +
        'or install libxgboost from your system, or name the file in CHURN_XGBOOST_LIBRARY',
    },
    cause,
  );
}
