import { DAYS, NEWER } from './world.js';

/** A command that the harness kills. */
export interface KilledCommand {
  name: string;
  args: readonly string[];
  /** Commands that bring the world to where this one begins. */
  before?: readonly (readonly string[])[];
  environment?: NodeJS.ProcessEnv;
  /**
   * What a rerun may end with where the killed process had done all of its work, beside what an undisturbed run ends with:
   * it then finds its own work.
   */
  doneAlready?: number;
}

const { trained, scored, tables, sources } = DAYS;
const AT_TRAINED = ['--at', trained];
const REFRESHED = [['run', '--at', sources]];
const CANDIDATE = [
  ['training-set', '--at', tables],
  ['train', '--trainer', 'linear', '--at', tables],
];

/** Every command that changes files, in the state in which it has something to do: the sources have grown since the last run. */
export const KILLED: readonly KilledCommand[] = [
  { name: 'init', args: ['init', 'fresh'], doneAlready: 64 },
  { name: 'generate', args: [...NEWER.slice(0, -1), '230'] },
  { name: 'validate', args: ['validate'] },
  { name: 'prepare', args: ['prepare'] },
  { name: 'features', args: ['features'], before: [['prepare']] },
  { name: 'labels', args: ['labels'], before: [['prepare']] },
  { name: 'training-set', args: ['training-set', '--at', tables] },
  { name: 'run', args: ['run', '--at', sources] },
  { name: 'run --force', args: ['run', '--force', '--at', sources] },
  { name: 'train (linear)', args: ['train', '--trainer', 'linear', '--at', tables], before: REFRESHED },
  { name: 'train (xgboost)', args: ['train', ...AT_TRAINED] },
  { name: 'promote', args: ['promote', '--at', tables, '--force'], before: CANDIDATE },
  { name: 'score', args: ['score', '--date', tables] },
  { name: 'score again', args: ['score', '--date', scored], before: [['promote', '--force']] },
  { name: 'drift', args: ['drift', '--at', sources, '--refresh', '--insufficient', 'ok'] },
  { name: 'evaluate', args: ['evaluate', '--at', sources, '--insufficient', 'ok'], before: REFRESHED },
  { name: 'decide', args: ['decide', '--at', sources], before: REFRESHED },
  { name: 'retrain', args: ['retrain', '--at', sources], before: REFRESHED },
  {
    name: 'rollback',
    args: ['rollback'],
    before: [...CANDIDATE, ['promote', '--force', '--at', tables]],
    doneAlready: 66,
  },
  { name: 'registry check', args: ['registry', 'check', '--fix'] },
  { name: 'profile', args: ['profile', 'data/raw/events.parquet', '--out', 'profile.json'] },
  { name: 'history export', args: ['history', 'export', 'earlier.jsonl'] },
  {
    name: 'history import',
    args: ['history', 'import', 'earlier.jsonl'],
    environment: { CHURN_HISTORY_URL: 'sqlite:imported.db' },
    doneAlready: 74,
  },
  { name: 'history tidy', args: ['history', 'tidy'] },
  { name: 'migrate', args: ['migrate'], environment: { CHURN_HISTORY_URL: 'sqlite:migrated.db' } },
];
