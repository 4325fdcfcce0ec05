import { join } from 'node:path';
import { messageOf } from '../../error.js';
import { sha256OfFile } from '../../files.js';
import type { Manifest } from './manifest.js';
import { readManifest } from './manifest-file.js';

/** A folder of the registry after its files were read. */
export interface Inspected {
  version: string;
  /** Null when it cannot be read. */
  manifest: Manifest | null;
  /** What is wrong with its files; null when nothing is. */
  damage: string | null;
}

/** Reads a version's manifest and every file that it names. */
export async function inspectVersion(folder: string, version: string): Promise<Inspected> {
  let manifest: Manifest;
  try {
    manifest = await readManifest(folder);
  } catch (error) {
    return { version, manifest: null, damage: messageOf(error) };
  }
  const damages: string[] = [];
  for (const [file, recorded] of Object.entries(manifest.files ?? {})) {
    const found = await sha256OfFile(join(folder, file)).catch(() => null);
    if (found !== recorded) {
      damages.push(found === null ? `${file} is missing` : `${file} was changed`);
    }
  }
  if (manifest.version !== version) {
    damages.push(`its manifest is of ${manifest.version}`);
  }
  return { version, manifest, damage: damages.length === 0 ? null : damages.join(', ') };
}
