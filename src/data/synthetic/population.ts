import type { Random } from '../../random.js';

export const PLANS = ['free', 'paid', 'premium'] as const;
export const COUNTRIES = ['AU', 'CA', 'IN', 'SG', 'UK', 'US'] as const;
export const MARKETING_SOURCES = ['ads', 'community', 'organic', 'referral', 'youtube'] as const;
export const FREE = 0;
export const PAID = 1;
export const PREMIUM = 2;

/** `leave` of a user who stays. */
export const NEVER = 0x7fffffff;

/**
 * Who the users are and when they come and go: one array element per user. Days are counted from the first day of the
 * data; sign-ups after it stand in order of time.
 */
export interface Population {
  users: number;
  signup: Int32Array;
  /** From this day on the user has no events. */
  leave: Int32Array;
  /** Activity declines from this day to `leave`; equal to `leave` when there is no decline. */
  decline: Int32Array;
  /** The latent engagement in (0, 1) that drives activity. */
  engagement: Float64Array;
  /** What the users table shows of it. */
  score: Float64Array;
  /** Indices into PLANS, COUNTRIES, MARKETING_SOURCES. */
  plan: Uint8Array;
  country: Uint8Array;
  source: Uint8Array;
  /** Decides which payments of the user fail, see `paymentFails`. */
  key: Int32Array;
}

export type Life = { [K in Exclude<keyof Population, 'users'>]: number };

/** Turns records into columns. */
export function population(lives: readonly Life[]): Population {
  const users = lives.length;
  return {
    users,
    signup: Int32Array.from(lives, (life) => life.signup),
    leave: Int32Array.from(lives, (life) => life.leave),
    decline: Int32Array.from(lives, (life) => life.decline),
    engagement: Float64Array.from(lives, (life) => life.engagement),
    score: Float64Array.from(lives, (life) => life.score),
    plan: Uint8Array.from(lives, (life) => life.plan),
    country: Uint8Array.from(lives, (life) => life.country),
    source: Uint8Array.from(lives, (life) => life.source),
    key: Int32Array.from(lives, (life) => life.key),
  };
}

export const PAYMENT_FAILURE_RATE = 0.07;

/**
 * Whether a user's payment on the n-th day after sign-up fails. A hash rather than a draw, so that leaving (decided
 * before any event exists) and the payment events agree without a list of payments.
 */
export function paymentFails(key: number, daysSinceSignup: number): boolean {
  let mixed = (key + Math.imul(daysSinceSignup + 1, 0x9e3779b9)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0 < PAYMENT_FAILURE_RATE * 0x100000000;
}

export function drawKey(chance: Random): number {
  return (chance.uniform() * 0x100000000) | 0;
}

/** Index drawn with the given probabilities, which add up to 1. */
export function pick(chance: Random, weights: readonly number[]): number {
  let left = chance.uniform();
  const last = weights.length - 1;
  for (let i = 0; i < last; i++) {
    left -= weights[i];
    if (left < 0) {
      return i;
    }
  }
  return last;
}
