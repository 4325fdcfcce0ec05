import { openSource } from '../data/sources.js';
import { eventRange } from '../data/steps/prepare.js';
import { dayRange, requireTable } from '../data/tables.js';
import { ChurnError } from '../error.js';
import type { Project } from '../open.js';
import { addDays, type Day, dayIn, dayOfNumber } from '../time.js';

/**
 * The day a job answers for: the one asked for, or the last complete day of the features (today is not over yet).
 * @throws data.stale when the features end before the day asked for, input.missing when there are none.
 */
export async function asOfDay(project: Project, asked: Day | null): Promise<Day> {
  const { layout } = project;
  await requireTable(layout.userFeaturesDaily, 'run');
  const { first, last } = await dayRange(await project.engine(), layout.userFeaturesDaily);
  if (asked === null) {
    return last === dayIn(project.config.time_zone, project.clock()) && first < last
      ? addDays(last, -1)
      : last;
  }
  if (asked > last) {
    throw stale(`features up to ${asked}`, last);
  }
  if (asked < first) {
    throw new ChurnError('usage.invalid', { expected: `a day from ${first} to ${last}`, came: asked });
  }
  return asked;
}

/**
 * Refuses features that were built before the newest events came, or every check would tell the same. Sources that
 * are not there (the tables may have been copied from elsewhere) tell nothing.
 * @throws data.stale
 */
export async function requireFresh(project: Project): Promise<void> {
  const { config, layout, root } = project;
  await requireTable(layout.userFeaturesDaily, 'run');
  const engine = await project.engine();
  const { last } = await dayRange(engine, layout.userFeaturesDaily);
  const events = await openSource(engine, config, root, 'events').catch((error) => {
    if (error instanceof ChurnError && error.code === 'input.missing') {
      return null;
    }
    throw error;
  });
  const newest = events === null ? last : dayOfNumber((await eventRange(engine, events)).last);
  if (newest > last) {
    throw stale(`features up to ${newest}, the day of the newest events`, last);
  }
}

function stale(expected: string, last: Day): ChurnError {
  return new ChurnError('data.stale', {
    expected,
    came: `features that end on ${last}`,
    fix: 'run `churn-mlops run` (or add --refresh) once newer events are there',
  });
}

/** The newest day whose outcome is known on the day `at`. */
export function newestMatureDay(project: Project, at: Day): Day {
  const { label, evaluation } = project.config;
  return addDays(at, -label.horizon_days - evaluation.lateness_days);
}
