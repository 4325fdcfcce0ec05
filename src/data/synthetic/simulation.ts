import { random } from '../../random.js';
import { type DayEffects, dayEffects } from './drift.js';
import type { EventRows } from './event-rows.js';
import { COURSES, EVENT_TYPES } from './event-types.js';
import { pace } from './pace.js';
import { FREE, type Population, paymentFails } from './population.js';
import { PRESET_PARTS } from './presets.js';
import type { SyntheticSettings } from './settings.js';

const LOGIN = EVENT_TYPES.indexOf('login');
const ENROLL = EVENT_TYPES.indexOf('course_enroll');
const VIDEO = EVENT_TYPES.indexOf('video_watch');
const QUIZ = EVENT_TYPES.indexOf('quiz_attempt');
const PAID = EVENT_TYPES.indexOf('payment_success');
const FAILED = EVENT_TYPES.indexOf('payment_failed');
const TICKET = EVENT_TYPES.indexOf('support_ticket');
const NO_COURSE = -1;

/** At most three sessions of four events, a payment and a ticket. */
export const MOST_EVENTS_PER_USER_DAY = 14;
/** Activity at the end of a decline or slump, as a fraction of the usual. */
const LOWEST = 0.25;

/**
 * Runs the users through the days. The function returned adds events to a chunk until no further user-day is sure to
 * fit, and continues there when called with the next chunk; false when the last day is over. One stream of chance
 * draws behaviour, another one losses: a run with lost or missing values has otherwise the same rows as a clean one.
 */
export function simulation(settings: SyntheticSettings, people: Population): (rows: EventRows) => boolean {
  const behaviour = PRESET_PARTS[settings.preset].behaviour(settings);
  const effectsOf = dayEffects(settings);
  const chance = random(settings.seed).fork('events');
  const { slumpDepth, onBreak } = pace(behaviour, people, chance);
  const faults = random(settings.seed).fork('faults');
  const { users, signup, leave, engagement, plan, key } = people;
  const [firstMinute, minuteSpan] = behaviour.sessionMinutes;

  /** The users of today in the order of their ids: `present` of them, the first `kept` already done. */
  const alive = new Int32Array(users);
  const starts = new Float64Array(3);
  let present = 0;
  let kept = 0;
  let at = 0;
  let admitted = 0;
  let lastId = 0;
  let day = -behaviour.warmUpDays;
  let weekday = 1;
  let effects: DayEffects = effectsOf(day);
  const firstWeekday = new Date(`${settings.start}T00:00:00Z`).getUTCDay();
  openDay();
  return fill;

  function fill(rows: EventRows): boolean {
    while (day < settings.days) {
      while (at < present) {
        if (rows.count + MOST_EVENTS_PER_USER_DAY > rows.capacity) {
          return true;
        }
        const user = alive[at++];
        if (day < leave[user]) {
          alive[kept++] = user;
          liveDay(user, rows);
        }
      }
      day++;
      openDay();
    }
    return false;
  }

  function openDay(): void {
    present = kept;
    kept = 0;
    at = 0;
    while (admitted < users && signup[admitted] <= Math.max(day, 0)) {
      alive[present++] = admitted++;
    }
    weekday = behaviour.weekday[(((firstWeekday + day) % 7) + 7) % 7];
    effects = effectsOf(day);
  }

  function liveDay(user: number, rows: EventRows): void {
    const slump = slumpDepth(user, day);
    const away = onBreak(user, day);
    if (day < 0) {
      return;
    }
    const e = engagement[user];
    const liveliness = 1 - (1 - LOWEST) * slump;
    const probability = Math.min(0.98, 0.15 + 0.8 * e) * weekday * liveliness * (1 - effects.shift);
    const active = (!away && chance.uniform() < probability) || day === signup[user];
    if (active) {
      const sessions = 1 + chance.integer(3);
      drawStarts(sessions);
      for (let s = 0; s < sessions; s++) {
        session(rows, user, e, starts[s], (0.6 + 0.4 * liveliness) * (1 - effects.shift));
      }
      if (chance.uniform() < behaviour.ticketRate[slump > 0 ? 1 : 0]) {
        add(rows, user, drawMinute(), TICKET, NO_COURSE, 0, Number.NaN, Number.NaN);
      }
    }
    if (plan[user] !== FREE && (active || !behaviour.paymentNeedsActivity)) {
      pay(user, rows);
    }
  }

  function session(rows: EventRows, user: number, e: number, start: number, length: number): void {
    let minute = start;
    add(rows, user, minute, LOGIN, NO_COURSE, 0, Number.NaN, Number.NaN);
    if (chance.uniform() < 0.5 + 0.4 * e) {
      const watched = Math.max(2, (20 + 40 * e + 10 * chance.normal()) * length);
      add(
        rows,
        user,
        minute + 1,
        VIDEO,
        chance.integer(COURSES.length),
        rounded(watched),
        Number.NaN,
        Number.NaN,
      );
      minute += Math.ceil(watched);
    }
    if (chance.uniform() < 0.25 + 0.35 * e) {
      const score = Math.min(100, Math.max(0, 50 + 40 * e + 15 * chance.normal()));
      add(rows, user, minute + 2, QUIZ, chance.integer(COURSES.length), 0, rounded(score), Number.NaN);
    }
    if (chance.uniform() < 0.05) {
      add(rows, user, minute + 3, ENROLL, chance.integer(COURSES.length), 0, Number.NaN, Number.NaN);
    }
  }

  function pay(user: number, rows: EventRows): void {
    if (behaviour.paymentDue(day, signup[user])) {
      const type = paymentFails(key[user], day - signup[user]) ? FAILED : PAID;
      const deviation = behaviour.priceDeviation > 0 ? behaviour.priceDeviation * chance.normal() : 0;
      const amount = Math.max(1, behaviour.price[plan[user]] + deviation);
      add(rows, user, drawMinute(), type, NO_COURSE, 0, Number.NaN, rounded(amount));
    }
  }

  function drawStarts(sessions: number): void {
    for (let s = 0; s < sessions; s++) {
      const minute = drawMinute();
      let place = s;
      for (; place > 0 && starts[place - 1] > minute; place--) {
        starts[place] = starts[place - 1];
      }
      starts[place] = minute;
    }
  }

  function drawMinute(): number {
    const share = behaviour.middayPeak ? (chance.uniform() + chance.uniform()) / 2 : chance.uniform();
    return firstMinute + Math.floor(minuteSpan * share);
  }

  function add(
    rows: EventRows,
    user: number,
    minute: number,
    type: number,
    course: number,
    watched: number,
    score: number,
    amount: number,
  ): void {
    lastId++;
    if (effects.lost > 0 && faults.uniform() < effects.lost) {
      return;
    }
    const minutes = effects.missing > 0 && faults.uniform() < effects.missing ? Number.NaN : watched;
    rows.add(lastId, user + 1, day, Math.min(1439, minute), type, course, minutes, score, amount);
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
