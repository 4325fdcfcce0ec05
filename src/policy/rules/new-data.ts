import { addDays, daysBetween } from '../../time.js';
import { quiet, type Rule } from '../rule.js';

/**
 * Enough labelled days have become known since the champion's training data ended. `since` assumes that a day of
 * labels arrives each day.
 */
export const newData: Rule = {
  id: 'new_data',
  title: 'there are new labelled days to learn from',
  kind: 'trigger',
  unit: 'days',
  enabled: (settings) => settings.new_data.enabled,
  judge({ at, champion, newest_labelled_day }, { new_data: { days } }) {
    if (!champion) {
      return quiet('there is no champion whose data could be behind', null, days);
    }
    if (newest_labelled_day === null) {
      return quiet('no day is labelled yet', null, days);
    }
    const value = Math.max(0, daysBetween(champion.data.to, newest_labelled_day) + 1);
    const because = `${value} labelled days are new since the data of ${champion.version} ended before ${champion.data.to} (${days} needed)`;
    return value < days
      ? quiet(because, value, days)
      : { says: 'firing', value, threshold: days, since: addDays(at, days - value), because };
  },
};
