import type { LineName } from '../config/schedule.js';

/** Commands one after the other; the next one runs only when the one before it did its work. */
export type Commands = readonly (readonly string[])[];

/** What the lines run: the same as the CronJobs of these names in deploy/kubernetes. */
export const LINE_COMMANDS: Readonly<Record<LineName, Commands>> = {
  drift: [['drift', '--refresh', '--insufficient', 'ok']],
  score: [['score'], ['evaluate', '--insufficient', 'ok']],
  retrain: [['retrain', '--refresh']],
};

export const TRIGGER_COMMANDS: Commands = [['retrain', '--refresh', '--if-needed']];
