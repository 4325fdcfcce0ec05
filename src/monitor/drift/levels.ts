import type { Bins } from '../profile/profile.js';
import { choiceFor, type JudgedBy } from './choice.js';

/** Levels as they are given, raised to those that were learnt where these are higher, and all multiplied by `scale`. */
export function raisedLevels(
  settings: JudgedBy,
  features: readonly { name: string; bins: Pick<Bins, 'kind'> }[],
  learnt: Readonly<Record<string, { warn: number; fail: number }>>,
  scale: number,
): NonNullable<JudgedBy['by_feature']> {
  return Object.fromEntries(
    features.map(({ name, bins }) => {
      const { statistic, warn, fail } = choiceFor(settings, name, bins.kind);
      const raised = (given: number, own: number | undefined) => scale * Math.max(given, own ?? 0);
      return [
        name,
        {
          statistic: statistic.id,
          warn: raised(warn, learnt[name]?.warn),
          fail: raised(fail, learnt[name]?.fail),
        },
      ];
    }),
  );
}
