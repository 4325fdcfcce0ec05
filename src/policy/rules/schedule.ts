import { addDays, daysBetween } from '../../time.js';
import { quiet, type Rule } from '../rule.js';

/** The champion was trained so many days ago. */
export const schedule: Rule = {
  id: 'schedule',
  title: 'the champion is old',
  kind: 'trigger',
  unit: 'days',
  enabled: (settings) => settings.schedule.enabled,
  judge({ at, champion }, { schedule: { every_days } }) {
    if (!champion) {
      return quiet('there is no champion to grow old', null, every_days);
    }
    const value = daysBetween(champion.trained_at, at);
    const because = `${champion.version} was trained on ${champion.trained_at}, ${value} days ago (every ${every_days} days)`;
    return value < every_days
      ? quiet(because, value, every_days)
      : {
          says: 'firing',
          value,
          threshold: every_days,
          since: addDays(champion.trained_at, every_days),
          because,
        };
  },
};
