import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChurnError } from '../../error.js';
import {
  readJson,
  removeLeftovers,
  sha256OfFile,
  writeBytes,
  writeFolderWhole,
  writeJson,
} from '../../files.js';
import type { AliasName, History } from '../../history/history.js';
import type { TableProfile } from '../../monitor/profile/profile.js';
import { type GoldenRows, MANIFEST_SCHEMA, type Manifest } from './manifest.js';

export const MODEL_FILE = 'model.onnx';
export const PROFILE_FILE = 'reference_profile.json';
export const GOLDEN_FILE = 'golden_rows.json';
export const MANIFEST_FILE = 'manifest.json';

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
  /** The model file after its hash was checked. @throws model.mismatch when it was changed */
  modelPath(manifest: Manifest): Promise<string>;
  profile(version: string): Promise<TableProfile>;
  golden(version: string): Promise<GoldenRows>;
}

export function openRegistry({ folder, history }: { folder: string; history: History }): Registry {
  const at = (version: string, file = '') => join(folder, version, file);
  const read = async (version: string): Promise<Manifest> => {
    const manifest = await readJson<Manifest>(at(version, MANIFEST_FILE));
    if (manifest.schema !== MANIFEST_SCHEMA) {
      throw new ChurnError('model.mismatch', {
        expected: `a manifest of schema ${MANIFEST_SCHEMA}`,
        came: `schema ${manifest.schema} in ${at(version)}`,
      });
    }
    return manifest;
  };
  const names = async (): Promise<string[]> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
  };

  const registry: Registry = {
    add: async (bundle, createdAt) => {
      await removeLeftovers(folder);
      const version = versionOf(bundle);
      await writeFolderWhole(at(version), async (temporary) => {
        await writeBytes(join(temporary, MODEL_FILE), bundle.model);
        await writeJson(join(temporary, PROFILE_FILE), bundle.profile);
        await writeJson(join(temporary, GOLDEN_FILE), bundle.golden);
        const files: Record<string, string> = {};
        for (const file of [MODEL_FILE, PROFILE_FILE, GOLDEN_FILE]) {
          files[file] = await sha256OfFile(join(temporary, file));
        }
        const manifest: Manifest = {
          schema: MANIFEST_SCHEMA,
          version,
          created_at: createdAt.toISOString(),
          ...bundle.manifest,
          files,
        };
        await writeJson(join(temporary, MANIFEST_FILE), manifest);
      });
      return read(version);
    },
    list: async () => {
      const manifests = await Promise.all((await names()).map(read));
      return manifests.sort((a, b) =>
        a.created_at === b.created_at
          ? a.version < b.version
            ? 1
            : -1
          : a.created_at < b.created_at
            ? 1
            : -1,
      );
    },
    find: async (name) => {
      const aliases = await history.aliases();
      const wanted = name in aliases ? aliases[name as AliasName] : name;
      if (wanted === null) {
        throw new ChurnError(name === 'champion' ? 'registry.champion_missing' : 'registry.version_unknown', {
          expected: `a version called "${name}"`,
          came: 'none yet',
          fix: 'train one and run `churn-mlops promote`',
        });
      }
      const known = await names();
      const matching = known.includes(wanted)
        ? [wanted]
        : known.filter((version) => version.startsWith(wanted));
      if (matching.length !== 1) {
        throw new ChurnError('registry.version_unknown', {
          expected: 'champion, challenger, or a version that `churn-mlops models` lists',
          came: matching.length === 0 ? `"${name}"` : `"${name}", which ${matching.join(' and ')} begin with`,
        });
      }
      return read(matching[0]);
    },
    champion: async () => {
      const version = await history.alias('champion');
      return version === null ? null : registry.find(version);
    },
    folder: (version) => at(version),
    modelPath: async (manifest) => {
      const path = at(manifest.version, MODEL_FILE);
      const found = await sha256OfFile(path);
      if (found !== manifest.files[MODEL_FILE]) {
        throw new ChurnError('model.mismatch', {
          expected: `${path} as it was registered (${manifest.files[MODEL_FILE].slice(0, 12)})`,
          came: `another content (${found.slice(0, 12)})`,
          fix: 'restore the file, or promote another version',
        });
      }
      return path;
    },
    profile: (version) => readJson<TableProfile>(at(version, PROFILE_FILE)),
    golden: (version) => readJson<GoldenRows>(at(version, GOLDEN_FILE)),
  };
  return registry;
}

function versionOf({ model, manifest }: Bundle): string {
  const { at, trainer, data, label, parameters, seed, features } = manifest;
  const hash = createHash('sha256')
    .update(model)
    .update(JSON.stringify({ at, trainer, data, label, parameters, seed, features }));
  return `${at.replaceAll('-', '')}-${hash.digest('hex').slice(0, 10)}`;
}
