import type { Random } from '../../random.js';
import type { Behaviour } from './behaviour.js';
import type { Population } from './population.js';

/** What interrupts the even pace of users. Both are to be called once for every user-day, in the order of days. */
export interface Pace {
  /** 0 on a usual day, rising to 1 at the end of a decline (the user leaves) or slump (the user recovers). */
  slumpDepth(user: number, day: number): number;
  /** True on days of a break. */
  onBreak(user: number, day: number): boolean;
}

const LONG_AGO = -0x7fffffff;

export function pace(behaviour: Behaviour, people: Population, chance: Random): Pace {
  const { breakRate, breakDays, slumpRate, slumpDays } = behaviour;
  const { users, leave, decline } = people;
  const breakEnd = new Int32Array(users).fill(LONG_AGO);
  const slumpStart = new Int32Array(users);
  const slumpEnd = new Int32Array(users).fill(LONG_AGO);

  return {
    slumpDepth: (user, day) => {
      if (day >= decline[user]) {
        return (day - decline[user] + 1) / (leave[user] - decline[user]);
      }
      if (day < slumpEnd[user]) {
        return (day - slumpStart[user] + 1) / (slumpEnd[user] - slumpStart[user]);
      }
      if (slumpRate > 0 && chance.uniform() < slumpRate) {
        slumpStart[user] = day + 1;
        slumpEnd[user] = day + 1 + between(slumpDays);
      }
      return 0;
    },
    onBreak: (user, day) => {
      if (day < breakEnd[user]) {
        return true;
      }
      if (breakRate > 0 && chance.uniform() < breakRate) {
        breakEnd[user] = day + between(breakDays);
        return true;
      }
      return false;
    },
  };

  function between([shortest, longest]: readonly [number, number]): number {
    return shortest + chance.integer(longest - shortest + 1);
  }
}
