import { type Random, random } from '../../random.js';
import type { Behaviour } from './behaviour.js';
import { driftOf } from './drift.js';
import {
  drawKey,
  FREE,
  type Life,
  PAID,
  type Population,
  PREMIUM,
  paymentFails,
  pick,
  population,
} from './population.js';
import type { SyntheticSettings } from './settings.js';

const PAID_SHARE = 0.35;
const COUNTRY_SHARES = [0.1, 0.12, 0.25, 0.08, 0.15, 0.3];
const SOURCE_SHARES = [0.25, 0.1, 0.3, 0.15, 0.2];
const SOURCE_HAZARD = [1.5, 1, 0.9, 0.6, 1.1];
const MEAN_ENGAGEMENT = 0.444;
const PAYMENT_CYCLE_DAYS = 30;

/** Hazard per day of deciding to leave, for mean engagement, the free plan and a neutral source. */
const HAZARD = 0.001;
const HAZARD_SLOPE = 3.2;
const PAID_HAZARD = 0.6;
/** Chance that a failed payment makes a user leave. */
const BLAME = 0.35;
/** Nobody stays longer than this many days: they have finished the courses. */
const FINISHED_DAYS: readonly [number, number] = [600, 1400];
/** Share of those who leave without a decline, and how long the decline of the others takes. */
const SUDDEN = 0.25;
const DECLINE_DAYS: readonly [number, number] = [14, 42];
/** Every seat is simulated for at least this long before the start. */
const BURN_IN_DAYS = 2 * FINISHED_DAYS[1];

/** Makes the reversed hazard lose about as many users as the usual one with its failed payments and finished courses. */
const CONCEPT_FACTOR = 1.5;
/** Standard deviation of the observed engagement score around the latent one, in logits. */
const SCORE_NOISE = 0.7;

const LAUNCH_DAYS = 14;
const PREMIUM_SHARE = 0.5;

/** What a seat hands on to the next user who takes it. */
interface Seat {
  engagement: number;
  plan: number;
  source: number;
}

interface Plans {
  days: number;
  concept: { from: number; strength: number };
  premiumFrom: number;
}

/**
 * A population in equilibrium. There are `users` seats; whoever leaves is replaced at once by a new user of the same
 * engagement, plan and source, so the mix of users at risk is the same on every day. A seat is a renewal process that
 * started long before the first day, so tenure, too, has its stationary distribution from the start (up to four years,
 * median about one). The hazard of deciding to leave is constant in time; it depends on engagement, plan, source and
 * failed payments. A longer run with the same seed continues a shorter one.
 */
export function defaultPopulation(settings: SyntheticSettings): Population {
  const root = random(settings.seed);
  const launch = driftOf(settings, 'category');
  const plans: Plans = {
    days: settings.days,
    concept: driftOf(settings, 'concept'),
    premiumFrom: launch.from,
  };
  const lives: Life[] = [];
  for (let i = 0; i < settings.users; i++) {
    const chance = root.fork(`seat/${i}`);
    occupy(seat(chance), -BURN_IN_DAYS - chance.integer(FINISHED_DAYS[1]), plans, chance, lives);
  }
  const launched = launch.from < settings.days ? Math.round(launch.strength * settings.users) : 0;
  for (let i = 0; i < launched; i++) {
    const chance = root.fork(`launch/${i}`);
    const day = launch.from + chance.integer(LAUNCH_DAYS);
    occupy({ ...seat(chance), plan: PREMIUM }, day, plans, chance, lives);
  }
  return population(lives.sort((a, b) => a.signup - b.signup));
}

function seat(chance: Random): Seat {
  return {
    engagement: chance.beta(2, 2.5),
    plan: chance.uniform() < PAID_SHARE ? PAID : FREE,
    source: pick(chance, SOURCE_SHARES),
  };
}

/** Fills a seat from a day on, user after user; keeps those who are there at the start or come before the end. */
function occupy(seat: Seat, from: number, plans: Plans, chance: Random, lives: Life[]): void {
  for (let signup = from; signup < plans.days; ) {
    const key = drawKey(chance);
    const { decide, sudden } = decision(seat, signup, key, plans, chance);
    const leave = Math.max(signup + 1, sudden ? decide : decide + between(DECLINE_DAYS, chance));
    if (leave > 0) {
      const decline = sudden ? leave : decide;
      lives.push(life(seat, { signup, leave, decline, key }, plans.premiumFrom, chance));
    }
    signup = leave;
  }
}

function life(
  { engagement, plan, source }: Seat,
  { signup, leave, decline, key }: Pick<Life, 'signup' | 'leave' | 'decline' | 'key'>,
  premiumFrom: number,
  chance: Random,
): Life {
  const observed = Math.log(engagement / (1 - engagement)) + SCORE_NOISE * chance.normal();
  const takesPremium = chance.uniform() < PREMIUM_SHARE && signup >= premiumFrom;
  return {
    signup,
    leave,
    decline,
    engagement,
    score: 1 / (1 + Math.exp(-observed)),
    plan: takesPremium ? PREMIUM : plan,
    country: pick(chance, COUNTRY_SHARES),
    source,
    key,
  };
}

/**
 * The day on which a user decides to leave, the first of: a constant hazard, a failed payment, the end of the courses;
 * and whether activity stops without a decline. From the drift `concept` on another hazard alone decides.
 */
function decision(
  seat: Seat,
  signup: number,
  key: number,
  { concept }: Plans,
  chance: Random,
): { decide: number; sudden: boolean } {
  const usual = hazard(seat, seat.engagement);
  const sudden = chance.uniform() < SUDDEN;
  const finished = signup + between(FINISHED_DAYS, chance);
  let decide = Math.min(finished, signup + Math.floor(exponential(usual, chance)));
  if (seat.plan !== FREE) {
    for (let days = 0; signup + days < decide; days += PAYMENT_CYCLE_DAYS) {
      if (paymentFails(key, days) && chance.uniform() < BLAME) {
        decide = signup + days + 1;
      }
    }
  }
  if (decide < concept.from) {
    return { decide, sudden };
  }
  const old = (1 - concept.strength) * usual;
  const reversed = concept.strength * CONCEPT_FACTOR * hazard(seat, 2 * MEAN_ENGAGEMENT - seat.engagement);
  return {
    decide: Math.max(signup, concept.from) + Math.floor(exponential(old + reversed, chance)),
    sudden: chance.uniform() * (old + reversed) < SUDDEN * old + reversed,
  };
}

function hazard({ plan, source }: Seat, engagement: number): number {
  const slope = Math.exp(-HAZARD_SLOPE * (engagement - MEAN_ENGAGEMENT));
  return HAZARD * slope * (plan === FREE ? 1 : PAID_HAZARD) * SOURCE_HAZARD[source];
}

function exponential(rate: number, chance: Random): number {
  return -Math.log(1 - chance.uniform()) / rate;
}

function between([shortest, longest]: readonly [number, number], chance: Random): number {
  return shortest + chance.integer(longest - shortest + 1);
}

/** Payments come every 30 days from sign-up on, so the calendar does not move them; breaks and slumps hide leaving. */
export function defaultBehaviour(): Behaviour {
  return {
    breakRate: 0.025,
    breakDays: [5, 32],
    slumpRate: 0.004,
    slumpDays: [14, 42],
    weekday: [0.9, 1.05, 1.06, 1.05, 1.04, 1, 0.9],
    warmUpDays: 90,
    sessionMinutes: [300, 1080],
    middayPeak: true,
    ticketRate: [0.005, 0.015],
    paymentDue: (day, signup) => (day - signup) % PAYMENT_CYCLE_DAYS === 0,
    paymentNeedsActivity: false,
    price: [0, 499, 899],
    priceDeviation: 0,
  };
}
