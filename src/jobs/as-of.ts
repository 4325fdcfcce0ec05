import { dayRange, requireTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import type { Project } from '../open.js';
import { addDays, type Day } from '../time.js';

/**
 * The day a job answers for: the one asked for, or the last day of the features.
 * @throws data.stale when the features end before the day asked for, input.missing when there are none.
 */
export async function asOfDay(project: Project, asked: Day | null): Promise<Day> {
  const { layout } = project;
  await requireTable(layout.userFeaturesDaily, 'run');
  const { first, last } = await dayRange(await project.engine(), layout.userFeaturesDaily);
  if (asked === null) {
    return last;
  }
  if (asked > last) {
    throw new ChurnError('data.stale', {
      expected: `features up to ${asked}`,
      came: `features that end on ${last}`,
      fix: 'run `churn-mlops run` (or add --refresh) once newer events are there',
    });
  }
  if (asked < first) {
    throw new ChurnError('usage.invalid', { expected: `a day from ${first} to ${last}`, came: asked });
  }
  return asked;
}

/** The newest day whose outcome is known on the day `at`. */
export function newestMatureDay(project: Project, at: Day): Day {
  const { label, evaluation } = project.config;
  return addDays(at, -label.horizon_days - evaluation.lateness_days);
}
