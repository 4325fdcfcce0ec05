import type { Problem } from '../data/checks/check.js';
import type { Rebuild } from '../data/refresh/plan.js';
import { InvalidData, validate, validationOf } from '../data/steps/validate.js';
import { runSteps } from '../jobs/run-steps.js';
import { type CliContext, EXIT } from './command.js';
import { count, type Output } from './output.js';

/** Runs the data checks and shows every problem, errors and warnings, in one table or document. */
export async function showValidation({ output, options, project }: CliContext): Promise<number> {
  output.progress(`${validate.title} ...`);
  const { problems, exitCode } = await found(project, options.force === true ? 'all' : undefined);
  const validation = validationOf(problems);
  output.report(validation, () => {
    const tone = { OK: 'good', WARN: 'warn', FAIL: 'bad' } as const;
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    output.line(
      `${output.tone(tone[validation.status], validation.status)}  ${errors} errors, ${problems.length - errors} warnings`,
    );
    if (problems.length > 0) {
      showProblems(output, problems);
    }
  });
  return exitCode;
}

async function found(
  project: CliContext['project'],
  rebuild: Rebuild | undefined,
): Promise<{ problems: readonly Problem[]; exitCode: number }> {
  try {
    const [{ result }] = await runSteps(await project(), [validate], { rebuild });
    return { problems: result.problems as Problem[], exitCode: EXIT.fine };
  } catch (error) {
    if (error instanceof InvalidData) {
      return { problems: error.problems, exitCode: error.exitCode };
    }
    throw error;
  }
}

function showProblems(output: Output, problems: readonly Problem[]): void {
  output.table(
    ['severity', 'check', 'source', 'rows', 'what is wrong', 'for example'],
    problems.map(({ severity, check, source, rows, message, examples }) => [
      output.tone(severity === 'error' ? 'bad' : 'warn', severity),
      check,
      source,
      rows === 0 ? '' : count(rows),
      message,
      examples.join(', '),
    ]),
    ['left', 'left', 'left', 'right'],
  );
}
