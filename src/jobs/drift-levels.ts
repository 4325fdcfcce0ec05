import { sql } from '../data/engine/sql.js';
import type { Manifest } from '../model/registry/manifest.js';
import type { TableDriftOptions } from '../monitor/drift/judge.js';
import { raisedLevels } from '../monitor/drift/levels.js';
import { type Calibration, calibrate, learntLevels, replayReference } from '../monitor/drift/replay.js';
import type { Project } from '../open.js';
import { type Day, dayNumber, type Window } from '../time.js';
import { championProfile, featuresOf, profileRowsBy } from './drift-windows.js';

/** What the levels of a check were raised by, and why. */
export interface LevelsUsed {
  /** Features whose levels were learnt from the reference's own windows, with the number of these. */
  learnt: Record<string, { warn: number; fail: number; windows: number }>;
  calibration: Calibration | null;
}

/**
 * Levels learnt from the reference's own windows, and raised to keep the budget of false alarms, when either is asked for:
 * the daily check is played back over the champion's training days. Null when neither is.
 */
export async function usedLevels(
  project: Project,
  champion: Manifest,
  at: Day,
  options: TableDriftOptions,
): Promise<{ used: LevelsUsed; by_feature: NonNullable<TableDriftOptions['by_feature']> } | null> {
  const { drift, policy } = project.config;
  if (drift.levels === 'fixed' && drift.false_alarms === null) {
    return null;
  }
  const reference = await championProfile(project, champion);
  const window: Window | null = reference.window;
  if (window === null) {
    return null;
  }
  const engine = await project.engine();
  const rows = featuresOf(project, engine, window);
  const day = engine.dialect.dayNumber(sql`CAST(as_of_date AS DATE)`);
  const parts = await profileRowsBy(engine, rows, reference, day);
  const days = [...parts]
    .map(([key, profile]) => ({ day: Number(key), profile }))
    .sort((a, b) => a.day - b.day);
  const windowDays = drift.current_days;
  const learnt =
    drift.levels === 'fixed'
      ? {}
      : learntLevels(replayReference(days, { ...options, windowDays }), {
          windowDays,
          weekdayOf: drift.levels === 'learnt_by_weekday' ? dayNumber(at) : null,
        });
  const raised = raisedLevels(options, reference.columns, learnt, 1);
  if (drift.false_alarms === null) {
    return { used: { learnt, calibration: null }, by_feature: raised };
  }
  const replayed = replayReference(days, { ...options, by_feature: raised, windowDays });
  const calibration = calibrate(replayed, { ...drift.false_alarms, ...policy.drift.checks });
  return {
    used: { learnt, calibration },
    by_feature: raisedLevels(options, reference.columns, learnt, calibration?.scale ?? 1),
  };
}
