import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { ChurnError } from '../../error.js';
import { type CliCommand, EXIT } from '../command.js';
import { Demo } from '../demo/story.js';

export const demoCommand: CliCommand = {
  name: 'demo',
  summary: 'the whole loop on a year of generated data, with drift injected',
  arguments: [
    { name: '[dir]', description: 'new folder to work in (default: churn-demo, churn-demo-2 and so on)' },
  ],
  examples: ['churn-mlops demo', 'churn-mlops demo my-demo'],
  run: async ({ output, args, folder, environment, signal }) => {
    const target = args[0] === undefined ? await freeFolder(folder) : resolve(folder, args[0]);
    if (!(await isFree(target))) {
      throw new ChurnError('usage.invalid', {
        expected: 'a new or empty folder',
        came: `${target}, which has files in it`,
        fix: 'name another one',
      });
    }
    const account = await new Demo({
      output,
      folder: target,
      shown: relative(folder, target) || '.',
      environment,
      signal,
    }).play();
    output.report(account, () => undefined);
    return EXIT.fine;
  },
};

async function freeFolder(parent: string): Promise<string> {
  for (let number = 1; ; number++) {
    const candidate = join(parent, number === 1 ? 'churn-demo' : `churn-demo-${number}`);
    if (await isFree(candidate)) {
      return candidate;
    }
  }
}

async function isFree(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : ['?'],
  );
  return names.length === 0;
}
