import { ChurnError } from '../../error.js';
import type { Bins } from '../profile/profile.js';
import { STATISTICS } from './index.js';
import { psi } from './psi.js';
import type { Statistic } from './statistic.js';

/** By which statistic and levels features are judged. */
export interface JudgedBy {
  /** Id of the statistic of all features that it applies to; default psi. */
  statistic?: string;
  /** Levels of the PSI: from `warn` on WARN, above `fail` FAIL. Other statistics have their own. */
  warn: number;
  fail: number;
  /** What single features are judged by instead. */
  by_feature?: Readonly<Record<string, { statistic?: string; warn?: number; fail?: number }>>;
}

export interface Choice {
  statistic: Statistic;
  warn: number;
  fail: number;
}

/**
 * The statistic and levels of one feature. A statistic that is chosen for all features but knows numbers only leaves
 * categories to PSI.
 * @throws config.invalid when the one chosen for this feature does not apply, or its levels are in the wrong order
 */
export function choiceFor(settings: JudgedBy, name: string, kind: Bins['kind']): Choice {
  const own = settings.by_feature?.[name] ?? {};
  const general = statisticOf(settings.statistic ?? psi.id);
  const statistic =
    own.statistic !== undefined
      ? statisticOf(own.statistic)
      : general.appliesTo.includes(kind)
        ? general
        : psi;
  if (!statistic.appliesTo.includes(kind)) {
    throw new ChurnError('config.invalid', {
      expected: `a statistic for ${name}, a ${kind} column`,
      came: `${statistic.id}, which is for ${statistic.appliesTo.join(' and ')} ones`,
    });
  }
  const bands = statistic === psi ? settings : statistic.bands;
  const { warn = bands.warn, fail = bands.fail } = own;
  if (warn > fail) {
    throw new ChurnError('config.invalid', {
      expected: `the warn level of ${name} not above its fail level`,
      came: `${warn} and ${fail}`,
    });
  }
  return { statistic, warn, fail };
}

/** @throws usage.invalid */
export function statisticOf(id: string): Statistic {
  const found = STATISTICS.find((statistic) => statistic.id === id);
  if (found === undefined) {
    throw new ChurnError('usage.invalid', {
      expected: `a statistic: ${STATISTICS.map((statistic) => statistic.id).join(', ')}`,
      came: `"${id}"`,
    });
  }
  return found;
}
