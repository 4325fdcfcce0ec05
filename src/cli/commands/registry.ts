import { ChurnError } from '../../error.js';
import { checkRegistry } from '../../jobs/check-registry.js';
import { type CliCommand, EXIT } from '../command.js';

export const registryCommand: CliCommand = {
  name: 'registry',
  summary: 'compare the stored versions with history: aliases without a version, damaged files, orphans',
  arguments: [{ name: '<action>', description: 'check' }],
  options: [
    {
      flags: '--fix',
      description: 'remove unreferenced versions: no alias ever named them, their training broke off',
    },
  ],
  examples: ['churn-mlops registry check', 'churn-mlops registry check --fix --json'],
  run: async ({ output, args, options, project }) => {
    if (args[0] !== 'check') {
      throw new ChurnError('usage.invalid', { expected: 'registry check', came: `registry ${args[0]}` });
    }
    const findings = await checkRegistry(await project(), { fix: options.fix === true });
    output.report(findings, () => {
      if (findings.length === 0) {
        output.line('every version is sound and accounted for');
        return;
      }
      output.table(
        ['version', 'problem', 'because', ''],
        findings.map(({ version, problem, because, removed }) => [
          version,
          output.tone(removed ? 'dim' : 'bad', problem),
          because,
          removed ? 'removed' : '',
        ]),
      );
    });
    return findings.some(({ removed }) => !removed) ? EXIT.attention : EXIT.fine;
  },
};
