import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { configTemplate, PRESETS } from '../../config/template.js';
import { ChurnError } from '../../error.js';
import { asFileError, writeText } from '../../files.js';
import { type CliCommand, EXIT } from '../command.js';
import { choiceOption } from '../values.js';

export const initCommand: CliCommand = {
  name: 'init',
  summary: 'write a commented churn.yaml and the folders',
  arguments: [{ name: '[dir]', description: 'folder of the project (default: here)' }],
  options: [
    {
      flags: '--preset <name>',
      description: 'section-12: the rules of the described system',
      default: PRESETS[0],
    },
    { flags: '--force', description: 'overwrite a churn.yaml that is there' },
  ],
  examples: ['churn-mlops init', 'churn-mlops init my-project', 'churn-mlops init old --preset section-12'],
  run: async ({ output, args, options, folder }) => {
    const { CONFIG_NAME } = await import('../../config/load.js');
    const target = resolve(folder, args[0] ?? '.');
    const file = join(target, CONFIG_NAME);
    const preset = choiceOption(options, 'preset', PRESETS, PRESETS[0]);
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (exists && options.force !== true) {
      throw new ChurnError('usage.invalid', {
        expected: `no ${CONFIG_NAME} in ${target}`,
        came: 'one that is there',
        fix: 'add --force to overwrite it',
      });
    }
    const folders = ['data/raw', 'artifacts/models', 'artifacts/metrics'].map((name) => join(target, name));
    await Promise.all(folders.map((name) => mkdir(name, { recursive: true }))).catch((error) => {
      throw asFileError(error, target, 'write');
    });
    // Last, so that who was killed before it can begin again.
    await writeText(file, configTemplate(preset));
    output.report({ file, folders }, () => {
      output.line(`wrote ${file}`);
      output.line(
        'next: put your files where it says (or run `churn-mlops generate`), then `churn-mlops run`',
      );
    });
    return EXIT.fine;
  },
};
