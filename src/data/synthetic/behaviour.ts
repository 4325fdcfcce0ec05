/** How users of a preset behave from day to day; who they are is the population's business. */
export interface Behaviour {
  /** Chance per day to begin a break: days without any activity, after which the user returns. */
  breakRate: number;
  /** Days of a break: uniform in [shortest, longest]. */
  breakDays: readonly [shortest: number, longest: number];
  /** Chance per day to begin a slump that looks like the decline before leaving, and is none. */
  slumpRate: number;
  slumpDays: readonly [shortest: number, longest: number];
  /** Factor of the chance of an active day, Sunday first; mean 1. */
  weekday: readonly number[];
  /** Days simulated before the first one with events, so that breaks and slumps are in equilibrium on it. */
  warmUpDays: number;
  /** The first minute of the day at which a session can begin, and how many minutes the beginnings spread over. */
  sessionMinutes: readonly [from: number, span: number];
  /** True: beginnings cluster in the middle of that span. False: they are uniform. */
  middayPeak: boolean;
  /** Chance that an active user opens a ticket, on a usual day and during decline or slump. */
  ticketRate: readonly [usual: number, declining: number];
  /** True when a paying user pays on a day. `day` counts from the start of the data. */
  paymentDue(day: number, signup: number): boolean;
  /** True: payments only happen on days on which the user is active. */
  paymentNeedsActivity: boolean;
  /** Mean amount by plan, and the standard deviation around it. */
  price: readonly number[];
  priceDeviation: number;
}
