import type { CliCommand } from '../command.js';
import { compareCommand } from './compare.js';
import { configCommand } from './config.js';
import { decideCommand, retrainCommand } from './decide.js';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { driftCommand } from './drift.js';
import { evaluateCommand } from './evaluate.js';
import { generateCommand } from './generate.js';
import { explainCommand, historyCommand } from './history.js';
import { importCommand } from './import.js';
import { initCommand } from './init.js';
import { migrateCommand } from './migrate.js';
import { modelsCommand } from './models.js';
import { profileCommand } from './profile.js';
import { promoteCommand, rollbackCommand } from './promote.js';
import { registryCommand } from './registry.js';
import { scheduleCommand } from './schedule.js';
import { scoreCommand } from './score.js';
import { serveCommand } from './serve.js';
import { runCommand, stepCommands } from './steps.js';
import { trainCommand } from './train.js';

/** Every verb, in the order of help and docs. */
export const COMMANDS: readonly CliCommand[] = [
  initCommand,
  demoCommand,
  doctorCommand,
  configCommand,
  generateCommand,
  ...stepCommands,
  runCommand,
  trainCommand,
  modelsCommand,
  promoteCommand,
  rollbackCommand,
  compareCommand,
  scoreCommand,
  driftCommand,
  profileCommand,
  importCommand,
  evaluateCommand,
  decideCommand,
  retrainCommand,
  serveCommand,
  scheduleCommand,
  historyCommand,
  explainCommand,
  migrateCommand,
  registryCommand,
];
