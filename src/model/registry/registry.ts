import { createHash } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChurnError } from '../../error.js';
import {
  readJson,
  removeFolderWhole,
  removeLeftovers,
  sha256OfFile,
  writeBytes,
  writeFolderWhole,
  writeJson,
} from '../../files.js';
import type { AliasName, History } from '../../history/history.js';
import type { TableProfile } from '../../monitor/profile/profile.js';
import { type Inspected, inspectVersion } from './inspect.js';
import { type GoldenRows, MANIFEST_SCHEMA, type Manifest } from './manifest.js';
import { MANIFEST_FILE, readManifest } from './manifest-file.js';

export const MODEL_FILE = 'model.onnx';
export const PROFILE_FILE = 'reference_profile.json';
export const GOLDEN_FILE = 'golden_rows.json';

/** Everything that a version is made of. */
export interface Bundle {
  model: Uint8Array;
  profile: TableProfile;
  golden: GoldenRows;
  manifest: Omit<Manifest, 'version' | 'files' | 'schema' | 'created_at'>;
}

/**
 * Immutable versions on disk, one folder each; the movable names (aliases) live in history.
 * A version's name is the day it was trained as of and the first digits of its model's and its training record's hash,
 * so training the same data twice gives the same version.
 */
export interface Registry {
  /** Stores a version whole; one that is there already is left as it is. Returns its manifest. */
  add(bundle: Bundle, createdAt: Date): Promise<Manifest>;
  /** Newest first. */
  list(): Promise<Manifest[]>;
  /** A version by its name, an unambiguous beginning of it, or an alias. @throws registry.version_unknown */
  find(name: string): Promise<Manifest>;
  /** The champion's manifest, or null before the first promotion. */
  champion(): Promise<Manifest | null>;
  folder(version: string): string;
  /** What is wrong with the files of each folder that holds, or should hold, a version; null for a sound one. */
  inspect(): Promise<Inspected[]>;
  /** Removes a version's folder; it is gone at once, whatever is killed when. Retire the version in history first. */
  remove(version: string): Promise<void>;
  /** Files of a version after their hashes were checked. @throws model.mismatch when one was changed */
  modelPath(manifest: Manifest): Promise<string>;
  profile(manifest: Manifest): Promise<TableProfile>;
  golden(manifest: Manifest): Promise<GoldenRows>;
}

export function openRegistry({ folder, history }: { folder: string; history: History }): Registry {
  const place = (version: string, file = '') => join(folder, version, file);

  async function unchanged(manifest: Manifest, file: string): Promise<string> {
    const path = place(manifest.version, file);
    const [recorded, found] = [manifest.files[file], await sha256OfFile(path)];
    if (found !== recorded) {
      throw new ChurnError('model.mismatch', {
        expected: `${path} as it was registered (${recorded.slice(0, 12)})`,
        came: `another content (${found.slice(0, 12)})`,
        fix: 'restore the file, or promote another version',
      });
    }
    return path;
  }

  const registry: Registry = {
    add: async (bundle, createdAt) => {
      await removeLeftovers(folder);
      const version = versionOf(bundle);
      await writeFolderWhole(place(version), (temporary) => fill(temporary, bundle, version, createdAt));
      await history.reinstateVersion(version);
      return readManifest(place(version));
    },
    list: async () => {
      const versions = await versionsIn(folder);
      const manifests = await Promise.all(versions.map((version) => readManifest(place(version))));
      const key = (manifest: Manifest) => `${manifest.created_at} ${manifest.version}`;
      return manifests.sort((a, b) => (key(a) < key(b) ? 1 : -1));
    },
    find: async (name) => {
      const aliases = await history.aliases();
      const wanted = Object.hasOwn(aliases, name) ? aliases[name as AliasName] : name;
      if (wanted === null) {
        throw unnamed(name);
      }
      const known = await versionsIn(folder);
      const matching = known.includes(wanted)
        ? [wanted]
        : known.filter((version) => wanted !== '' && version.startsWith(wanted));
      if (matching.length !== 1) {
        throw new ChurnError('registry.version_unknown', {
          expected: 'champion, challenger, or a version that `churn-mlops models` lists',
          came: matching.length === 0 ? `"${name}"` : `"${name}", which ${matching.join(' and ')} begin with`,
        });
      }
      return readManifest(place(matching[0]));
    },
    champion: async () => {
      const version = await history.alias('champion');
      return version === null ? null : registry.find(version);
    },
    folder: (version) => place(version),
    inspect: async () => {
      const names = await foldersIn(folder);
      return Promise.all(names.map((version) => inspectVersion(place(version), version)));
    },
    remove: (version) => removeFolderWhole(place(version)),
    modelPath: (manifest) => unchanged(manifest, MODEL_FILE),
    profile: async (manifest) => readJson<TableProfile>(await unchanged(manifest, PROFILE_FILE)),
    golden: async (manifest) => readJson<GoldenRows>(await unchanged(manifest, GOLDEN_FILE)),
  };
  return registry;
}

/** Folders with a manifest; the manifest comes last, so what has one is whole. */
async function versionsIn(folder: string): Promise<string[]> {
  const names = await foldersIn(folder);
  const whole = await Promise.all(
    names.map((name) =>
      access(join(folder, name, MANIFEST_FILE)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_, i) => whole[i]);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

async function fill(folder: string, bundle: Bundle, version: string, createdAt: Date): Promise<void> {
  await writeBytes(join(folder, MODEL_FILE), bundle.model);
  await writeJson(join(folder, PROFILE_FILE), bundle.profile);
  await writeJson(join(folder, GOLDEN_FILE), bundle.golden);
  const files: Record<string, string> = {};
  for (const file of [MODEL_FILE, PROFILE_FILE, GOLDEN_FILE]) {
    files[file] = await sha256OfFile(join(folder, file));
  }
  const manifest: Manifest = {
    schema: MANIFEST_SCHEMA,
    version,
    created_at: createdAt.toISOString(),
    ...bundle.manifest,
    files,
  };
  await writeJson(join(folder, MANIFEST_FILE), manifest);
}

function unnamed(alias: string): ChurnError {
  return new ChurnError(alias === 'champion' ? 'registry.champion_missing' : 'registry.version_unknown', {
    expected: `a version called "${alias}"`,
    came: 'none yet',
    fix: 'train one and run `churn-mlops promote`',
  });
}

function versionOf({ model, manifest }: Bundle): string {
  const { at, trainer, data, label, parameters, seed, features } = manifest;
  const hash = createHash('sha256')
    .update(model)
    .update(JSON.stringify({ at, trainer, data, label, parameters, seed, features }));
  return `${at.replaceAll('-', '')}-${hash.digest('hex').slice(0, 10)}`;
}
