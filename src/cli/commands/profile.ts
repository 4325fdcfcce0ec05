import { resolve } from 'node:path';
import { threadsToCount } from '../../data/open-table.js';
import { ChurnError } from '../../error.js';
import { readJson, writeJson } from '../../files.js';
import { profileTable } from '../../jobs/profile.js';
import { DRIFT_DEFAULTS } from '../../monitor/drift/drift.js';
import { readProfile } from '../../monitor/profile/read.js';
import { openLooseEngine } from '../../open-engine.js';
import { type CliCommand, type CliContext, EXIT } from '../command.js';
import { counted } from '../output.js';
import { showProfile } from '../profile-view.js';
import { listOption, textOption, wholeOption } from '../values.js';

export const profileCommand: CliCommand = {
  name: 'profile',
  summary: 'count any table into a small profile, a reference for drift; or draw one',
  arguments: [
    { name: '<table>', description: 'a table to count; or the word show' },
    { name: '[profile]', description: 'after show: a saved profile (.json)' },
  ],
  options: [
    { flags: '--out <file>', description: 'where to write the profile (.json); without it, it is drawn' },
    { flags: '--features <names>', description: 'columns, separated by commas', default: 'all columns' },
    { flags: '--unit <column>', description: 'rows with the same value belong together, such as user_id' },
    {
      flags: '--least-rows <k>',
      description: 'drop the names of categories with fewer rows; they then count as unseen',
      default: 'all names are kept',
    },
  ],
  examples: [
    'churn-mlops profile may.parquet --out may.json',
    'churn-mlops profile may.csv --unit user_id --least-rows 20 --out may.json',
    'churn-mlops profile show may.json',
  ],
  run: (context) => (context.args[0] === 'show' ? drawSaved(context) : countTable(context)),
};

async function countTable({ output, options, folder, signal, args }: CliContext): Promise<number> {
  if (args.length > 1) {
    throw new ChurnError('usage.invalid', {
      expected: 'one table, or `profile show PROFILE.json`',
      came: args.join(' '),
    });
  }
  const file = resolve(folder, args[0]);
  const engine = await openLooseEngine(signal, threadsToCount([file]));
  try {
    output.progress('counting ...');
    const { profile, left_out } = await profileTable(engine, {
      file,
      features: listOption(options, 'features'),
      unit: textOption(options, 'unit'),
      leastRows: options.leastRows === undefined ? null : wholeOption(options, 'leastRows', 1),
      seed: DRIFT_DEFAULTS.seed,
    });
    const out = textOption(options, 'out');
    if (out !== null) {
      await writeJson(resolve(folder, out), profile);
    }
    output.report({ ...profile, left_out }, () => {
      if (out === null) {
        showProfile(output, profile);
      } else {
        output.line(`${out}: ${counted(profile.columns.length, 'column')}, ${counted(profile.rows, 'row')}`);
      }
      for (const { name, reason } of left_out) {
        output.line(output.tone('dim', `left out: ${name}: ${reason}`));
      }
    });
    return EXIT.fine;
  } finally {
    await engine.close();
  }
}

async function drawSaved({ output, folder, args }: CliContext): Promise<number> {
  const file = args[1];
  if (file === undefined) {
    throw new ChurnError('usage.invalid', { expected: 'profile show PROFILE.json', came: 'no file' });
  }
  const profile = readProfile(await readJson(resolve(folder, file)), file);
  output.report(profile, () => showProfile(output, profile));
  return EXIT.fine;
}
