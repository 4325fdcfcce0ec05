import { random } from '../../random.js';
import { addDays } from '../../time.js';
import type { Behaviour } from './behaviour.js';
import { driftOf } from './drift.js';
import {
  COUNTRIES,
  drawKey,
  FREE,
  type Life,
  MARKETING_SOURCES,
  NEVER,
  PAID,
  type Population,
  PREMIUM,
  population,
} from './population.js';
import type { SyntheticSettings } from './settings.js';

const SIGNUP_DAYS = 40;
const PAID_SHARE = 0.35;
const FIRST_CHURN_DAY = 30;
const LAUNCH_DAYS = 14;

/**
 * The described data: everybody signs up in the 40 days before the start; some leave at once on a day spread evenly
 * from day 30 to the end. The chance to leave, 0.59 - 0.57 e and 0.08 less for those who pay, was fitted to the
 * described system's file. It depends on `days`, so a longer run is not a continuation of a shorter one.
 */
export function sectionPopulation(settings: SyntheticSettings): Population {
  const chance = random(settings.seed).fork('section-12');
  const concept = driftOf(settings, 'concept');
  const launch = driftOf(settings, 'category');
  const lives = Array.from({ length: settings.users }, () => {
    const life = { ...newcomer(), plan: chance.uniform() < PAID_SHARE ? PAID : FREE };
    return { ...life, ...leaving(life) };
  });
  if (launch.from < settings.days) {
    const launched = Array.from({ length: Math.round(launch.strength * settings.users) }, () => ({
      ...newcomer(),
      plan: PREMIUM,
      signup: Math.max(1, launch.from) + chance.integer(LAUNCH_DAYS),
    }));
    lives.push(...launched.filter((life) => life.signup < settings.days).sort((a, b) => a.signup - b.signup));
  }
  return population(lives);

  function newcomer(): Life {
    const engagement = chance.beta(2, 2.5);
    return {
      signup: -chance.integer(SIGNUP_DAYS),
      leave: NEVER,
      decline: NEVER,
      engagement,
      score: engagement,
      plan: FREE,
      country: chance.integer(COUNTRIES.length),
      source: chance.integer(MARKETING_SOURCES.length),
      key: drawKey(chance),
    };
  }

  function leaving({ engagement, plan }: Life): Pick<Life, 'leave' | 'decline'> {
    const day = FIRST_CHURN_DAY + chance.integer(Math.max(1, settings.days - FIRST_CHURN_DAY));
    const mirrored = day >= concept.from && chance.uniform() < concept.strength;
    const probability =
      0.59 - 0.57 * (mirrored ? 0.89 - engagement : engagement) - (plan === PAID ? 0.08 : 0);
    const leave = chance.uniform() < probability ? day : NEVER;
    return { leave, decline: leave };
  }
}

/** Every active user who pays does so on days 1 to 3 of a month. */
export function sectionBehaviour(settings: SyntheticSettings): Behaviour {
  const payday = Array.from(
    { length: settings.days },
    (_, day) => Number(addDays(settings.start, day).slice(8)) <= 3,
  );
  return {
    breakRate: 0,
    breakDays: [0, 0],
    slumpRate: 0,
    slumpDays: [0, 0],
    weekday: [1, 1, 1, 1, 1, 1, 1],
    warmUpDays: 0,
    sessionMinutes: [0, 1440],
    middayPeak: false,
    ticketRate: [0.0055, 0.0055],
    paymentDue: (day) => payday[day],
    paymentNeedsActivity: true,
    price: [0, 499, 499],
    priceDeviation: 80,
  };
}
