import { isDeepStrictEqual } from 'node:util';
import { ChurnError } from '../../error.js';
import { readJson, writeJson } from '../../files.js';
import type { Day } from '../../time.js';
import type { Problem } from '../checks/check.js';
import { CHECKS } from '../checks/index.js';
import { runChecks } from '../checks/run-checks.js';
import { sql } from '../engine/sql.js';
import type { Rebuild } from '../refresh/plan.js';
import { filesVersion, settingsVersion } from '../refresh/versions.js';
import { openSource } from '../sources.js';
import type { Step } from './step.js';

/** Runs all data checks, writes every problem to validation_latest.json, and stops the pipeline on errors. */
export const validate: Step = {
  id: 'validate',
  title: 'all data checks',
  reads: ['sources.users', 'sources.events'],
  writes: ['artifacts/metrics/validation_latest.json'],
  run: async (context) => {
    const { config, layout, engine, signal, today, rebuild } = context;
    const users = await openSource(engine, config, layout.root, 'users');
    const events = await openSource(engine, config, layout.root, 'events');
    const path = layout.metrics('validation_latest.json');
    const checked: Checked = {
      settings: settingsVersion(context, sql`${users.relation}, ${events.relation}`, {
        users: users.columns,
        events: events.columns,
        checks: CHECKS.map((check) => check.id),
        config: [config.features, config.label],
      }),
      files: await filesVersion(engine, [users, events]),
      day: today ?? null,
    };
    const last = await readJson<Validation>(path).catch(() => null);
    const isSame =
      checked.files !== null && checked.day !== null && isDeepStrictEqual(last?.checked, checked);
    const skipped = isSame && rebuild === undefined && last?.status !== 'FAIL';
    const problems = skipped
      ? (last?.problems ?? [])
      : await runChecks({ engine, config, users, events, signal });
    if (!skipped) {
      await report(path, problems, checked);
    }
    return {
      reads: [{ path: users.path }, { path: events.path }],
      writes: [{ path }],
      result: { checks: CHECKS.length, errors: 0, warnings: problems.length, problems },
      refreshed: {
        done: skipped ? 'skipped' : 'whole',
        why: skipped ? 'sources, settings and day are the same' : whyChecked(last, checked, rebuild),
        settings: checked.settings,
        inputs: checked.files,
      },
    };
  },
};

/** What was checked, by fingerprints, and when: checks look at the day too. */
interface Checked {
  settings: string;
  files: string | null;
  day: Day | null;
}

interface Validation {
  status: 'OK' | 'WARN' | 'FAIL';
  problems: Problem[];
  checked?: Checked;
}

/** Writes what was found. @throws data.invalid when there are errors */
async function report(path: string, problems: Problem[], checked: Checked): Promise<void> {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const status = errors.length > 0 ? 'FAIL' : problems.length > 0 ? 'WARN' : 'OK';
  await writeJson(path, { status, problems, checked } satisfies Validation);
  if (errors.length > 0) {
    throw new ChurnError('data.invalid', {
      expected: 'data that pass the checks',
      came: `${errors.length} ${errors.length === 1 ? 'problem' : 'problems'}:\n${errors.map(problemLine).join('\n')}`,
    });
  }
}

function whyChecked(last: Validation | null, now: Checked, rebuild?: Rebuild): string {
  const before = last?.checked;
  if (rebuild !== undefined) {
    return 'asked for';
  }
  if (before === undefined || last?.status === 'FAIL') {
    return 'there was no earlier check that the data passed';
  }
  if (before.settings !== now.settings) {
    return 'settings changed';
  }
  return now.files === null || before.files !== now.files
    ? 'sources are new or changed'
    : 'it is another day';
}

/** One problem on one line. */
export function problemLine(problem: Problem): string {
  const examples = problem.examples.length > 0 ? ` (for example ${problem.examples.join(', ')})` : '';
  return `  ${problem.source}: ${problem.message}${examples} [${problem.check}]`;
}
