import { quiet, type Rule } from '../rule.js';

/** Nothing serves: train. */
export const noChampion: Rule = {
  id: 'no_champion',
  title: 'there is no champion',
  kind: 'trigger',
  unit: null,
  enabled: () => true,
  judge: ({ champion }) =>
    champion
      ? quiet(`${champion.version} is the champion`)
      : {
          says: 'firing',
          value: null,
          threshold: null,
          since: null,
          because: 'no model has been promoted yet',
        },
};
