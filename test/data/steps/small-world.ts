import { random } from '../../../src/random.js';
import { addDays } from '../../../src/time.js';
import type { Row } from '../project.js';
import type { PlainEvent, PlainUser } from './brute-force.js';

export const FIRST_DAY = '2025-03-03';
const TYPES = [
  ...['login', 'login', 'video_watch', 'video_watch', 'quiz_attempt', 'course_enroll'],
  ...['payment_success', 'payment_failed', 'support_ticket'],
];

export interface SmallWorld {
  users: PlainUser[];
  events: PlainEvent[];
  /** Events as a file holds them: with an id and a time within their day, in UTC. */
  eventRows: Row[];
}

/**
 * A dozen users over `days` days, by seed: one without any event, one who is silent after the first third, one who signs
 * up in the middle; days with several events, missing minutes and scores, and events of a user nobody knows.
 */
export function smallWorld(
  seed: number,
  days: number,
  idOf: (i: number) => string | number = (i) => i,
): SmallWorld {
  const chance = random(seed);
  const users: PlainUser[] = Array.from({ length: 12 }, (_, i) => ({
    user_id: idOf(i + 1),
    signup_date: addDays(FIRST_DAY, i === 3 ? Math.floor(days / 2) : -chance.integer(40)),
    plan: chance.uniform() < 0.4 ? 'paid' : 'free',
    is_paid: chance.integer(2),
    country: ['IN', 'DE', "Côte d'Ivoire", '日本'][chance.integer(4)],
    marketing_source: chance.uniform() < 0.2 ? null : 'ads, "organic"',
  }));
  const events: PlainEvent[] = [];
  for (let day = 0; day < days; day++) {
    for (let i = 0; i <= 12; i++) {
      const silent = i === 0 || (i === 1 && day > days / 3) || (i === 3 && day < days / 2);
      const many = silent || chance.uniform() < 0.6 ? 0 : 1 + chance.integer(4);
      for (let k = 0; k < many; k++) {
        const event_type = TYPES[chance.integer(TYPES.length)];
        events.push({
          user_id: i === 12 ? idOf(999) : (users[i].user_id as string | number),
          day: addDays(FIRST_DAY, day),
          event_type,
          watch_minutes: chance.uniform() < 0.15 ? null : Math.round(chance.uniform() * 90_000) / 1000,
          quiz_score: event_type !== 'quiz_attempt' || chance.uniform() < 0.2 ? null : chance.integer(101),
        });
      }
    }
  }
  const eventRows = events.map((event, i) => {
    const { day, ...columns } = event;
    const seconds = chance.integer(86_400);
    const time = new Date(Date.parse(`${day}T00:00:00Z`) + seconds * 1000).toISOString();
    return { event_id: i + 1, ...columns, event_time: time } as Row;
  });
  return { users, events, eventRows };
}
