import { loadCommands } from '../../src/cli/commands/index.js';

const COMMANDS = await loadCommands();

const EVERYWHERE = ['-c', '--config', '--json', '-q', '--quiet', '-v', '--verbose'];

/** What is wrong with the arguments of `churn-mlops`, by the facts of the commands; null when nothing is. */
export function commandProblem(args: readonly string[]): string | null {
  const [verb, ...rest] = args;
  const command = COMMANDS.find(({ name }) => name === verb);
  if (command === undefined) {
    return `no command is called ${verb}`;
  }
  const known = [...EVERYWHERE, ...(command.options ?? []).flatMap(({ flags }) => flags.split(/[ ,]+/))];
  const unknown = rest.filter((arg) => arg.startsWith('-') && !known.includes(arg));
  return unknown.length === 0 ? null : `${verb} has no ${unknown.join(', ')}`;
}
