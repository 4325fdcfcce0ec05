import { ChurnError } from '../../error.js';
import { writeJson } from '../../files.js';
import type { Problem } from '../checks/check.js';
import { CHECKS } from '../checks/index.js';
import { runChecks } from '../checks/run-checks.js';
import { openSource } from '../sources.js';
import type { Step } from './step.js';

/** Runs all data checks, writes every problem to validation_latest.json, and stops the pipeline on errors. */
export const validate: Step = {
  id: 'validate',
  title: 'all data checks',
  reads: ['sources.users', 'sources.events'],
  writes: ['artifacts/metrics/validation_latest.json'],
  run: async ({ config, layout, engine, now, signal }) => {
    const users = await openSource(engine, config, layout.root, 'users');
    const events = await openSource(engine, config, layout.root, 'events');
    const problems = await runChecks({ engine, config, users, events, now, signal });
    const path = layout.metrics('validation_latest.json');
    const errors = problems.filter((problem) => problem.severity === 'error');
    await writeJson(path, validationOf(problems));
    if (errors.length > 0) {
      throw new InvalidData(problems, errors);
    }
    return {
      reads: [{ path: users.path }, { path: events.path }],
      writes: [{ path }],
      result: {
        checks: CHECKS.filter(({ id }) => config.checks[id].severity !== 'off').length,
        errors: 0,
        warnings: problems.length,
        problems,
      },
    };
  },
};

/** What validation_latest.json says. */
export interface Validation {
  status: 'OK' | 'WARN' | 'FAIL';
  problems: readonly Problem[];
}

export function validationOf(problems: readonly Problem[]): Validation {
  const failed = problems.some(({ severity }) => severity === 'error');
  return { status: failed ? 'FAIL' : problems.length > 0 ? 'WARN' : 'OK', problems };
}

/** Data that the pipeline does not go on with, and all that is wrong with them. */
export class InvalidData extends ChurnError {
  constructor(
    readonly problems: readonly Problem[],
    errors: readonly Problem[],
  ) {
    super('data.invalid', {
      expected: 'data that pass the checks',
      came: `${errors.length} ${errors.length === 1 ? 'problem' : 'problems'}:\n${errors.map(problemLine).join('\n')}`,
    });
  }
}

/** One problem on one line. */
export function problemLine(problem: Problem): string {
  const examples = problem.examples.length > 0 ? ` (for example ${problem.examples.join(', ')})` : '';
  return `  ${problem.source}: ${problem.message}${examples} [${problem.check}]`;
}
