import type { CliCommand } from '../command.js';

export const scheduleCommand: CliCommand = {
  name: 'schedule',
  summary: 'run the lines of `schedule` and take up triggers, until it is told to end; several may run',
  options: [
    { flags: '--list', description: 'show next and last runs, open triggers and living schedulers instead' },
    { flags: '--limit <n>', description: 'how many last runs of each line --list shows', default: '3' },
  ],
  examples: ['churn-mlops schedule', 'churn-mlops schedule --list', 'churn-mlops schedule --list --json'],
  longLived: true,
  // Loaded late: the other commands need none of it.
  run: async (context) => (await import('../scheduling.js')).schedule(context),
};
