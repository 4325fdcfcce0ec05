import { access, mkdir } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { configTemplate, PRESETS } from '../../config/template.js';
import type { NamedFile } from '../../data/discovery/discover.js';
import type { Proposal } from '../../data/discovery/proposal.js';
import { ChurnError } from '../../error.js';
import { asFileError, writeText } from '../../files.js';
import { openLooseEngine } from '../../open-engine.js';
import { type CliCommand, type CliContext, EXIT } from '../command.js';
import { showProposal } from '../proposal-text.js';
import { choiceOption } from '../values.js';

export const initCommand: CliCommand = {
  name: 'init',
  summary: 'write a commented churn.yaml and the folders',
  arguments: [{ name: '[dir]', description: 'folder of the project (default: here)' }],
  options: [
    {
      flags: '--from <file...>',
      description:
        'look at these files (or globs in quotes) and propose what fits them, each line with its reason',
      many: true,
    },
    {
      flags: '--preset <name>',
      description: 'section-12: the rules of the described system',
      default: PRESETS[0],
    },
    { flags: '--force', description: 'overwrite a churn.yaml that is there' },
  ],
  examples: [
    'churn-mlops init',
    'churn-mlops init my-project',
    'churn-mlops init my-project --from events.parquet users.csv',
    'churn-mlops init old --preset section-12',
  ],
  run: async (context) => {
    const { output, args, options, folder } = context;
    const { CONFIG_NAME } = await import('../../config/load.js');
    const target = resolve(folder, args[0] ?? '.');
    const file = join(target, CONFIG_NAME);
    const from = options.from as string[] | undefined;
    const preset = choiceOption(options, 'preset', PRESETS, PRESETS[0]);
    if (from !== undefined && options.preset !== undefined) {
      throw new ChurnError('usage.invalid', { expected: '--from or --preset', came: 'both' });
    }
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
    const proposal = from === undefined ? null : await propose(context, target, from);
    const folders = ['data/raw', 'artifacts/models', 'artifacts/metrics'].map((name) => join(target, name));
    await Promise.all(folders.map((name) => mkdir(name, { recursive: true }))).catch((error) => {
      throw asFileError(error, target, 'write');
    });
    // Last, so that who was killed before it can begin again.
    await writeText(file, proposal === null ? configTemplate(preset) : await proposedConfig(proposal, file));
    output.report({ file, folders, ...(proposal !== null && { proposal }) }, () => {
      if (proposal !== null) {
        showProposal(proposal, output);
      }
      output.line(`wrote ${file}`);
      output.line(
        proposal === null
          ? 'next: put your files where it says (or run `churn-mlops generate`), then `churn-mlops run`'
          : 'next: read it, then `churn-mlops run` and `churn-mlops train`',
      );
    });
    return EXIT.fine;
  },
};

async function propose(
  { output, folder, signal }: CliContext,
  target: string,
  from: string[],
): Promise<Proposal> {
  const { discover } = await import('../../data/discovery/discover.js');
  const engine = await openLooseEngine(signal);
  try {
    return await discover(
      engine,
      from.map((given) => named(given, folder, target)),
      output.progress,
    );
  } finally {
    await engine.close();
  }
}

/** A file stays as it was given, but relative to the configuration unless it was absolute and lies outside. */
function named(given: string, folder: string, target: string): NamedFile {
  const path = resolve(folder, given);
  const fromTarget = relative(target, path);
  const outside = fromTarget.startsWith('..') || isAbsolute(fromTarget);
  return { path, files: isAbsolute(given) && outside ? path : fromTarget };
}

/** The text of a proposal, which must load: what the files are called must not make a mistake that shows only later. */
async function proposedConfig(proposal: Proposal, file: string): Promise<string> {
  const { writeConfig } = await import('../../data/discovery/write.js');
  const { checkConfig } = await import('../../config/load.js');
  const text = writeConfig(proposal);
  checkConfig(text, file);
  return text;
}
