import { daysBetween } from '../../time.js';
import { DRIFT_KINDS, type DriftKind, type SyntheticSettings } from './settings.js';

/** From which day (counted from the start) a drift of this kind holds, and how strong it is; the earliest counts. */
export function driftOf(settings: SyntheticSettings, kind: DriftKind): { from: number; strength: number } {
  const [first] = settings.drift
    .filter((drift) => drift.kind === kind)
    .sort((a, b) => (a.date < b.date ? -1 : 1));
  return first === undefined
    ? { from: Number.POSITIVE_INFINITY, strength: 0 }
    : {
        from: daysBetween(settings.start, first.date),
        strength: first.strength ?? DRIFT_KINDS[kind].strength,
      };
}

/** What drift does to the events of one day. All are 0 on a clean day. */
export interface DayEffects {
  /** Fraction by which the chance of an active day, and the length of a video, fall. */
  shift: number;
  /** Chance that watch_minutes of an event is missing. */
  missing: number;
  /** Chance that an event never arrives. */
  lost: number;
}

/** Gives the effects of a day counted from the start. */
export function dayEffects(settings: SyntheticSettings): (day: number) => DayEffects {
  const shift = driftOf(settings, 'shift');
  const nulls = driftOf(settings, 'nulls');
  const feed = driftOf(settings, 'feed');
  return (day) => ({
    shift: day >= shift.from ? shift.strength : 0,
    missing: day >= nulls.from ? nulls.strength : 0,
    lost: day >= feed.from ? feed.strength : 0,
  });
}
