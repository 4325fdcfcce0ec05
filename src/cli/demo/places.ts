import { join } from 'node:path';
import { DRIFT_FILE } from '../../jobs/drift.js';
import { EVALUATION_FILE } from '../../jobs/evaluate.js';
import { PRODUCTION_FILE } from '../../jobs/promote.js';
import type { Project } from '../../open.js';
import type { Output } from '../output.js';

/** Where everything lies, as seen from where the demo was called. */
export function tellFiles(
  { layout, registry, file }: Project,
  scored: string,
  { output, folder, shown }: { output: Output; folder: string; shown: string },
): void {
  const place = (path: string) => join(shown, path.slice(folder.length + 1));
  output.line(output.tone('strong', 'Where everything lies'));
  output.table(
    [],
    [
      ['configuration', place(file)],
      ['features', place(layout.userFeaturesDaily)],
      ['training set', place(layout.trainingDataset)],
      ['predictions', place(layout.predictions(scored))],
      ['models', place(registry.folder(''))],
      ["champion's record", place(layout.metrics(PRODUCTION_FILE))],
      ['drift report', place(layout.metrics(DRIFT_FILE))],
      ['evaluation', place(layout.metrics(EVALUATION_FILE))],
    ],
  );
  output.line();
}
