import type { CliCommand } from '../command.js';

type Load = () => Promise<CliCommand>;

const step =
  (id: string): Load =>
  async () =>
    (await import('./steps.js')).stepCommands.find(({ name }) => name === id)!;

/** Every verb, in the order of help and docs. Its file, with all that it needs, is loaded when it is called. */
export const COMMANDS = {
  init: async () => (await import('./init.js')).initCommand,
  demo: async () => (await import('./demo.js')).demoCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  config: async () => (await import('./config.js')).configCommand,
  generate: async () => (await import('./generate.js')).generateCommand,
  validate: step('validate'),
  prepare: step('prepare'),
  features: step('features'),
  labels: step('labels'),
  'training-set': step('training-set'),
  run: async () => (await import('./steps.js')).runCommand,
  train: async () => (await import('./train.js')).trainCommand,
  models: async () => (await import('./models.js')).modelsCommand,
  promote: async () => (await import('./promote.js')).promoteCommand,
  rollback: async () => (await import('./promote.js')).rollbackCommand,
  compare: async () => (await import('./compare.js')).compareCommand,
  score: async () => (await import('./score.js')).scoreCommand,
  drift: async () => (await import('./drift.js')).driftCommand,
  profile: async () => (await import('./profile.js')).profileCommand,
  import: async () => (await import('./import.js')).importCommand,
  evaluate: async () => (await import('./evaluate.js')).evaluateCommand,
  decide: async () => (await import('./decide.js')).decideCommand,
  retrain: async () => (await import('./decide.js')).retrainCommand,
  serve: async () => (await import('./serve.js')).serveCommand,
  schedule: async () => (await import('./schedule.js')).scheduleCommand,
  history: async () => (await import('./history.js')).historyCommand,
  explain: async () => (await import('./history.js')).explainCommand,
  migrate: async () => (await import('./migrate.js')).migrateCommand,
  registry: async () => (await import('./registry.js')).registryCommand,
} as const satisfies Record<string, Load>;

/** The verb that a command line begins with; all of them when it begins with none, for help and for who mistyped one. */
export function loadCommands(verb?: string): Promise<CliCommand[]> {
  const named = Object.entries(COMMANDS).filter(([name]) => name === verb);
  const loads = named.length > 0 ? named : Object.entries(COMMANDS);
  return Promise.all(loads.map(([, load]) => load()));
}
