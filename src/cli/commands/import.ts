import { resolve } from 'node:path';
import { ChurnError } from '../../error.js';
import { readJson, writeJson } from '../../files.js';
import { importSettings } from '../../monitor/drift/import/index.js';
import { type CliCommand, EXIT } from '../command.js';
import { textOption } from '../values.js';

export const importCommand: CliCommand = {
  name: 'import',
  summary: "read another monitor's settings (Evidently, SageMaker) as ours, and say what has no counterpart",
  arguments: [
    {
      name: '<file>',
      description: "JSON: Evidently's DataDriftPreset, or SageMaker's constraints.json or statistics.json",
    },
  ],
  options: [
    {
      flags: '--out <file>',
      description: 'where to write the reference profile (.json) that statistics.json holds',
    },
  ],
  examples: [
    'churn-mlops import constraints.json',
    'churn-mlops import statistics.json --out reference.json',
  ],
  run: async ({ output, options, folder, args }) => {
    const imported = importSettings(await readJson(resolve(folder, args[0])), args[0]);
    const out = textOption(options, 'out');
    if (out !== null) {
      if (imported.profile === null) {
        throw new ChurnError('usage.invalid', {
          expected: '--out with a document that holds counts (statistics.json)',
          came: imported.from,
        });
      }
      await writeJson(resolve(folder, out), imported.profile);
    }
    output.report(imported, () => {
      // JSON is YAML.
      output.line(`# ${imported.from}: for churn.yaml`);
      output.line(`drift: ${JSON.stringify(imported.drift, null, 2)}`);
      for (const { what, note } of imported.notes) {
        output.line(output.tone('dim', `# ${what}: ${note}`));
      }
    });
    return EXIT.fine;
  },
};
