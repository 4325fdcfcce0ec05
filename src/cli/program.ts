import { Command, CommanderError, Option } from 'commander';
import { ChurnError } from '../error.js';
import type { OpenOptions, Project } from '../open.js';
import { PROGRAM_VERSION } from '../version.js';
import { type CliCommand, type CliContext, EXIT, type OptionValues } from './command.js';
import { loadCommands } from './commands/index.js';
import { explainError } from './explain-error.js';
import { openOutput, type Streams } from './output.js';

export interface Call extends Streams {
  args: readonly string[];
  folder: string;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Answered without loading any command. */
const VERSION = /^(-V|--version)$/;

/** Parses a command line, runs its command and returns the exit code. Never throws and never exits. */
export async function runProgram(call: Call): Promise<number> {
  let exitCode: number = EXIT.fine;
  const program = new Command('churn-mlops')
    .description('Keeps a churn model good after it is deployed.')
    .version(PROGRAM_VERSION, '-V, --version', 'print the version')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      `\nStart with\n  churn-mlops demo            the whole loop on generated data\n  churn-mlops init            a project of your own\n`,
    );
  const named = VERSION.test(call.args[0]) ? [] : await loadCommands(call.args[0]);
  const commands = named.map((command) =>
    addCommand(program, command, async (options, args) => {
      exitCode = await runCommand(command, options, args, call);
    }),
  );
  for (const command of [program, ...commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => call.out.write(text),
      writeErr: (text) => call.err.write(text),
      outputError: () => undefined,
    });
  }
  try {
    if (call.args.length === 0) {
      program.outputHelp();
      return EXIT.fine;
    }
    await program.parseAsync([...call.args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.fine : refuseUsage(error, commands, call);
    }
    throw error;
  }
  return exitCode;
}

/** What Commander says of a command line, in one line with what to do; a program that asked for JSON gets its document too. */
function refuseUsage(
  { message }: CommanderError,
  commands: readonly Command[],
  { args, out, err }: Call,
): number {
  const [wrong, suggestion] = message.replace(/^error: /, '').split('\n');
  const help = commands.some((command) => command.name() === args[0]) ? `${args[0]} --help` : '--help';
  const fix = suggestion?.replace(/^\(D(.*)\)$/, 'd$1') ?? `see \`churn-mlops ${help}\``;
  const said = `${wrong.replace(/\.$/, '')}; ${fix}`;
  err.write(`churn-mlops: ${said} [usage.invalid]\n`);
  if (args.includes('--json')) {
    const error = { code: 'usage.invalid', exit: EXIT.usage, message: said };
    out.write(`${JSON.stringify({ error }, null, 2)}\n`);
  }
  return EXIT.usage;
}

function addCommand(
  program: Command,
  facts: CliCommand,
  act: (options: OptionValues, args: string[]) => Promise<void>,
): Command {
  const command = program.command(facts.name).summary(facts.summary).description(`${facts.summary}.`);
  for (const argument of facts.arguments ?? []) {
    command.argument(argument.name, argument.description);
  }
  for (const option of facts.options ?? []) {
    const added = new Option(
      option.flags,
      option.default ? `${option.description} (default: ${option.default})` : option.description,
    );
    command.addOption(
      option.many
        ? added.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
        : added,
    );
  }
  return command
    .option('-c, --config <file>', 'configuration file (default: churn.yaml here or in a folder above)')
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('-q, --quiet', 'print only errors (and the JSON document)')
    .option('-v, --verbose', 'print causes and stack traces of errors')
    .addHelpText('after', `\nExamples\n${facts.examples.map((example) => `  ${example}`).join('\n')}\n`)
    .action(async (...values: unknown[]) => {
      const self = values.at(-1) as Command;
      await act(self.opts() as OptionValues, self.args);
    });
}

async function runCommand(
  command: CliCommand,
  options: OptionValues,
  args: string[],
  call: Call,
): Promise<number> {
  const { folder, environment, signal } = call;
  const output = openOutput(call, {
    json: options.json === true,
    quiet: options.quiet === true,
    environment,
  });
  const configFile = options.config === undefined ? undefined : String(options.config);
  let project: Promise<Project> | null = null;
  const context: CliContext = {
    output,
    folder,
    environment,
    configFile,
    verbose: options.verbose === true,
    signal,
    args,
    options,
    project: () => {
      project ??= openConfigured(configFile, call, {
        signal,
        onWait: output.note,
        longLived: command.longLived,
        environment,
      });
      return project;
    },
  };
  try {
    return await command.run(context);
  } catch (error) {
    output.done();
    call.err.write(explainError(error, context.verbose));
    if (output.json) {
      call.out.write(`${JSON.stringify({ error: errorDocument(error) }, null, 2)}\n`);
    }
    return error instanceof ChurnError ? error.exitCode : EXIT.crash;
  } finally {
    output.done();
    await (project as Promise<Project> | null)?.then((opened) => opened.close()).catch(() => undefined);
  }
}

/** Loaded when needed: help and two tables need no schema and no YAML. */
async function openConfigured(
  file: string | undefined,
  { folder, environment }: Call,
  options: OpenOptions,
): Promise<Project> {
  const { loadConfig } = await import('../config/load.js');
  const config = await loadConfig({ file, folder, environment });
  const { openProject } = await import('../open.js');
  return openProject(config, options);
}

function errorDocument(error: unknown) {
  return error instanceof ChurnError
    ? { code: error.code, exit: error.exitCode, message: error.message, ...error.detail }
    : { code: 'crash', exit: EXIT.crash, message: String(error) };
}
