import type { Project } from '../open.js';
import type { Output } from './output.js';

export interface OptionFacts {
  /** As commander writes them: `--at <day>`, `--force`. */
  flags: string;
  description: string;
  /** Shown in help and docs. */
  default?: string;
  /** May be given several times. */
  many?: boolean;
}

export interface ArgumentFacts {
  /** `[version]` optional, `<id>` needed. */
  name: string;
  description: string;
}

export type OptionValues = Record<string, string | string[] | boolean | undefined>;

/** What a command works with. */
export interface CliContext {
  output: Output;
  /** Working directory and environment of the caller. */
  folder: string;
  environment: NodeJS.ProcessEnv;
  /** The value of --config. */
  configFile: string | undefined;
  verbose: boolean;
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal;
  args: string[];
  options: OptionValues;
  /** Opens the configured project; closed by the caller of the command. */
  project(): Promise<Project>;
}

/** One verb. Help, docs/reference/commands.md and tests read these facts. */
export interface CliCommand {
  name: string;
  summary: string;
  arguments?: readonly ArgumentFacts[];
  options?: readonly OptionFacts[];
  examples: readonly string[];
  /** Works until it is told to end (see OpenOptions). */
  longLived?: boolean;
  /** Returns the exit code. */
  run(context: CliContext): Promise<number>;
}

export const EXIT = { fine: 0, crash: 1, attention: 2, insufficient: 3, usage: 64 } as const;

export const AT_OPTION: OptionFacts = {
  flags: '--at <day>',
  description: 'answer as of this day (YYYY-MM-DD)',
  default: 'last day of the data',
};
