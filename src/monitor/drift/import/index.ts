import { ChurnError } from '../../../error.js';
import { evidentlyImporter } from './evidently.js';
import { type Imported, type Importer, isRecord } from './imported.js';
import { sagemakerConstraints } from './sagemaker-constraints.js';
import { sagemakerStatistics } from './sagemaker-statistics.js';

/** The documents of other monitors that can be read, in the order in which they are tried. */
export const IMPORTERS: readonly Importer[] = [sagemakerStatistics, sagemakerConstraints, evidentlyImporter];

/** @throws input.unreadable for a document of another kind */
export function importSettings(document: unknown, where: string): Imported {
  const found = isRecord(document) ? IMPORTERS.find((importer) => importer.recognises(document)) : undefined;
  if (found === undefined) {
    throw new ChurnError('input.unreadable', {
      expected: `settings of another monitor in ${where} (${IMPORTERS.map(({ title }) => title).join('; ')})`,
      came: 'a document of another kind',
    });
  }
  return found.read(document as Record<string, unknown>);
}
