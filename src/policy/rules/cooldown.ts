import { daysBetween } from '../../time.js';
import { quiet, type Rule } from '../rule.js';

/**
 * A retrain was tried not long ago: trying again on nearly the same data finds nearly the same model, and each attempt
 * spends a little of the error budget of comparisons. Not while there is no champion: then every attempt is worth it.
 */
export const cooldown: Rule = {
  id: 'cooldown',
  title: 'the last retrain was not long ago',
  kind: 'veto',
  unit: 'days',
  enabled: (settings) => settings.cooldown.days > 0,
  judge({ at, champion, last_retrain }, { cooldown: { days } }) {
    if (!last_retrain) {
      return quiet('there was no retrain yet', null, days);
    }
    const value = daysBetween(last_retrain.at, at);
    const because = `the last retrain was on ${last_retrain.at} (${last_retrain.verdict}), ${value} days ago (${days} days of rest)`;
    if (value < 0 || value >= days) {
      return quiet(because, value, days);
    }
    return champion
      ? { says: 'veto', value, threshold: days, since: last_retrain.at, because }
      : quiet(`${because}, but there is no champion`, value, days);
  },
};
