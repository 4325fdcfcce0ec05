import { DRIFT_KINDS, PRESETS, parseDrift } from '../../data/synthetic/settings.js';
import { generate } from '../../jobs/generate.js';
import { parseDay } from '../../time.js';
import { type CliCommand, EXIT } from '../command.js';
import { count } from '../output.js';
import { choiceOption, listOption, textOption, wholeOption } from '../values.js';

const kinds = Object.entries(DRIFT_KINDS).map(([kind, { title }]) => `${kind} (${title})`);

export const generateCommand: CliCommand = {
  name: 'generate',
  summary: 'write synthetic users and events where the configuration looks for them',
  options: [
    {
      flags: '--users <n>',
      description: 'users at risk on every day (preset section-12: all users)',
      default: '2000',
    },
    { flags: '--days <n>', description: 'days of events', default: '365; section-12: 120' },
    { flags: '--seed <n>', description: 'the same seed gives the same data', default: '42' },
    { flags: '--start <date>', description: 'first day', default: '2025-01-01; section-12: 2026-01-01' },
    { flags: '--preset <name>', description: `dynamics: ${PRESETS.join(' or ')}`, default: 'default' },
    {
      flags: '--drift <kind@date[:strength]>',
      description: `inject drift from a day on: ${kinds.join('; ')}`,
      many: true,
    },
  ],
  examples: [
    'churn-mlops generate',
    'churn-mlops generate --users 5000 --days 400 --drift shift@2025-11-01',
    'churn-mlops generate --preset section-12',
  ],
  run: async ({ output, options, project }) => {
    const preset = choiceOption(options, 'preset', PRESETS, 'default');
    const described = preset === 'section-12';
    const settings = {
      users: wholeOption(options, 'users', 2000),
      days: wholeOption(options, 'days', described ? 120 : 365),
      seed: wholeOption(options, 'seed', 42, 0),
      start: parseDay(textOption(options, 'start') ?? (described ? '2026-01-01' : '2025-01-01'), '--start'),
      preset,
      drift: (listOption(options, 'drift') ?? []).map(parseDrift),
    };
    output.progress('generating ...');
    const result = await generate(await project(), settings);
    output.report(result, () => {
      output.table(
        ['table', 'rows', 'file'],
        Object.entries(result).map(([name, table]) => [name, count(table.rows), table.path]),
        ['left', 'right'],
      );
    });
    return EXIT.fine;
  },
};
