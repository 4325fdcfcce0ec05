import { ChurnError } from '../../error.js';
import { readJson, writeJson } from '../../files.js';
import { type Day, dayOfDate, dayOfNumber } from '../../time.js';
import type { Problem } from '../checks/check.js';
import { CHECKS } from '../checks/index.js';
import { runChecks } from '../checks/run-checks.js';
import { sql } from '../engine/sql.js';
import { type EventDay, eventDays } from '../event-days.js';
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
    const { config, layout, engine, now, rebuild, signal } = context;
    const users = await openSource(engine, config, layout.root, 'users');
    const events = await openSource(engine, config, layout.root, 'events');
    const path = layout.metrics('validation_latest.json');
    const files = await filesVersion(engine, [users, events]);
    const checked = {
      settings: settingsVersion(context, sql`${users.relation}, ${events.relation}`, [
        users.columns,
        events.columns,
        CHECKS.map((check) => check.id),
        config,
      ]),
      files,
      day: dayOfDate(now),
    };
    const before = await readJson<Recorded>(path).catch(() => null);
    const why = whyAgain(before, checked, rebuild);
    let problems = before?.problems ?? [];
    if (why !== null) {
      const { days } = await eventDays({ engine, config, events, files, signal });
      const changedDays = changedSince(before, checked.settings, days, rebuild);
      problems = await runChecks({ engine, config, users, events, days, changedDays, now, signal });
      const ids = Object.fromEntries(days.map(({ day, id }) => [dayOfNumber(day), id]));
      await writeJson(path, {
        ...validationOf(problems),
        checked: { ...checked, days: ids },
      } satisfies Recorded);
    }
    const errors = problems.filter((problem) => problem.severity === 'error');
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
      refreshed: {
        done: why === null ? 'skipped' : 'whole',
        why: why ?? 'sources, settings and day are the same',
        settings: checked.settings,
        inputs: checked.files,
      },
    };
  },
};

/** What is wrong with the data, and how bad that is. */
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
    // Most checks are sure of what they call an error; some only find it unlikely to be right.
    const unsure = CHECKS.filter(
      ({ id, severity }) => severity === 'warning' && errors.some(({ check }) => check === id),
    );
    super('data.invalid', {
      expected: 'data that pass the checks',
      came: `${errors.length} ${errors.length === 1 ? 'problem' : 'problems'}:\n${errors.map(problemLine).join('\n')}`,
      fix:
        unsure.length === 0
          ? undefined
          : `mend the sources, or where they are right set ${unsure.map(({ id }) => `checks.${id}: warning`).join(', ')}`,
    });
  }
}

/** What was checked, by fingerprints, and on which day: checks look at the time too. */
interface Checked {
  settings: string;
  files: string | null;
  day: Day;
  /** Ids of the days with events. */
  days: Record<Day, string>;
}

/** What validation_latest.json holds. */
interface Recorded extends Validation {
  checked: Checked;
}

/** Why the checks run again; null: they would find what they found before. */
function whyAgain(before: Recorded | null, now: Omit<Checked, 'days'>, rebuild?: Rebuild): string | null {
  if (rebuild !== undefined) {
    return 'asked for';
  }
  if (before?.checked === undefined || before.status === 'FAIL') {
    return 'there was no earlier check that the data passed';
  }
  if (before.checked.settings !== now.settings) {
    return 'settings changed';
  }
  if (now.files === null || before.checked.files !== now.files) {
    return 'sources are new or changed';
  }
  return before.checked.day === now.day ? null : 'it is another day';
}

/** The days whose events are others than at the last check; null where that does not say that ids stood once then. */
function changedSince(
  before: Recorded | null,
  settings: string,
  days: readonly EventDay[],
  rebuild?: Rebuild,
): number[] | null {
  const known = before?.checked?.days;
  const isSound =
    rebuild === undefined &&
    before?.checked?.settings === settings &&
    !before.problems.some(({ check }) => check === 'duplicates');
  return known === undefined || !isSound
    ? null
    : days.filter(({ day, id }) => known[dayOfNumber(day)] !== id).map(({ day }) => day);
}

/** One problem on one line. */
export function problemLine(problem: Problem): string {
  const examples = problem.examples.length > 0 ? ` (for example ${problem.examples.join(', ')})` : '';
  return `  ${problem.source}: ${problem.message}${examples} [${problem.check}]`;
}
