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
  run: async ({ config, layout, engine, signal }) => {
    const users = await openSource(engine, config, layout.root, 'users');
    const events = await openSource(engine, config, layout.root, 'events');
    const problems = await runChecks({ engine, config, users, events, signal });
    const path = layout.metrics('validation_latest.json');
    const errors = problems.filter((problem) => problem.severity === 'error');
    await writeJson(path, {
      status: errors.length > 0 ? 'FAIL' : problems.length > 0 ? 'WARN' : 'OK',
      problems,
    });
    if (errors.length > 0) {
      throw new ChurnError('data.invalid', {
        expected: 'data that pass the checks',
        came: `${errors.length} ${errors.length === 1 ? 'problem' : 'problems'}:\n${errors.map(problemLine).join('\n')}`,
      });
    }
    return {
      reads: [{ path: users.path }, { path: events.path }],
      writes: [{ path }],
      result: { checks: CHECKS.length, errors: 0, warnings: problems.length, problems },
    };
  },
};

/** One problem on one line. */
export function problemLine(problem: Problem): string {
  const examples = problem.examples.length > 0 ? ` (for example ${problem.examples.join(', ')})` : '';
  return `  ${problem.source}: ${problem.message}${examples} [${problem.check}]`;
}
