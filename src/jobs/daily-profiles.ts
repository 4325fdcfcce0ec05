import { sql } from '../data/engine/sql.js';
import type { Manifest } from '../model/registry/manifest.js';
import type { TableProfile } from '../monitor/profile/profile.js';
import type { Project } from '../open.js';
import { type Day, dayNumber, dayOfNumber, daysBetween, type Window } from '../time.js';
import { championProfile, featuresOf, profileRowsBy } from './drift-windows.js';

/**
 * Keeps the profiles of a window's days in history, one series for each version: later any window of these days is a sum,
 * also when their features are gone. Days are written again by every check that sees them, so that late events count;
 * those that were merged into months stay as they are.
 */
export async function keepDailyProfiles(project: Project, champion: Manifest, window: Window): Promise<void> {
  const { version } = champion;
  const known = (await project.history.profileSeries()).find(({ series }) => series === version);
  const from = known?.merged_until && known.merged_until > window.from ? known.merged_until : window.from;
  if (from >= window.to) {
    return;
  }
  for (const [number, body] of await countedDays(project, champion, { from, to: window.to })) {
    const day = { from: dayOfNumber(number), to: dayOfNumber(number + 1) };
    await project.history.putProfile({ series: version, window: day, body: { ...body, window: day } });
  }
}

/** Profiles of the days of a window by day number, counted from the features in one scan. */
export async function countedDays(
  project: Project,
  champion: Manifest,
  window: Window,
): Promise<Map<number, TableProfile>> {
  const engine = await project.engine();
  const reference = await championProfile(project, champion);
  const day = engine.dialect.dayNumber(sql`CAST(as_of_date AS DATE)`);
  const days = await profileRowsBy(engine, featuresOf(project, engine, window), reference, day);
  return days as Map<number, TableProfile>;
}

/** The same from history, without reading data; days that were merged into months are not among them. */
export async function keptDays(
  { history }: Project,
  { version }: Manifest,
  window: Window,
): Promise<Map<number, TableProfile>> {
  const kept = await history.profiles<TableProfile>({ series: version, window });
  const isDay = ({ from, to }: { from: Day; to: Day }) => daysBetween(from, to) === 1;
  return new Map(
    kept.filter((part) => isDay(part.window)).map((part) => [dayNumber(part.window.from), part.body]),
  );
}
