import { join } from 'node:path';
import { ChurnError } from '../../error.js';
import { readJson } from '../../files.js';
import { MANIFEST_SCHEMA, type Manifest } from './manifest.js';

export const MANIFEST_FILE = 'manifest.json';

/** The manifest in a version's folder. @throws input.missing, input.unreadable, model.mismatch (another schema) */
export async function readManifest(folder: string): Promise<Manifest> {
  const manifest = await readJson<Manifest>(join(folder, MANIFEST_FILE));
  if (manifest.schema !== MANIFEST_SCHEMA) {
    throw new ChurnError('model.mismatch', {
      expected: `a manifest of schema ${MANIFEST_SCHEMA}`,
      came: `schema ${manifest.schema} in ${folder}`,
    });
  }
  return manifest;
}
