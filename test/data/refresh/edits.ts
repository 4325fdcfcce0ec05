import fc from 'fast-check';
import { addDays } from '../../../src/time.js';
import type { Row } from '../project.js';
import { FIRST_DAY, smallWorld } from '../steps/small-world.js';
import { type Log, refreshedProject, type Settings } from './refreshed-project.js';

const DAYS = 30;
const WORLD = smallWorld(31, DAYS);

/** One change of the log or of the settings, as plain data. */
type Edit =
  | {
      kind: 'events';
      events: { user: number; day: number; hour: number; type: string; minutes: number | null }[];
    }
  | { kind: 'remove'; at: number }
  | { kind: 'user'; signup: number; plan: string }
  | { kind: 'plan'; at: number; plan: string }
  | { kind: 'drop'; at: number }
  | { kind: 'windows'; windows: readonly number[] }
  | { kind: 'sampling'; every: number };

const event = fc.record({
  // Some are of users who come later, or never.
  user: fc.integer({ min: 1, max: 16 }),
  day: fc.integer({ min: 0, max: DAYS + 2 }),
  hour: fc.integer({ min: 0, max: 23 }),
  type: fc.constantFrom('login', 'quiz_attempt', 'video_watch', 'payment_failed', 'cancel'),
  minutes: fc.option(fc.integer({ min: 0, max: 5000 }).map((thousandths) => thousandths / 1000)),
});
const plan = fc.constantFrom('free', 'paid', 'gold');
const at = fc.integer({ min: 0, max: 10_000 });

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('events' as const),
        events: fc.array(event, { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('user' as const),
        signup: fc.integer({ min: -5, max: DAYS }),
        plan,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('plan' as const), at, plan }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), at }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('windows' as const),
        windows: fc.constantFrom([3, 7], [2, 5]),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('sampling' as const), every: fc.integer({ min: 1, max: 3 }) }),
    },
  ),
  { minLength: 2, maxLength: 4 },
);

function edited({ users, events }: Log, edit: Edit): Log {
  switch (edit.kind) {
    case 'events':
      return {
        users,
        events: [
          ...events,
          ...edit.events.map(
            ({ user, day, hour, type, minutes }, i): Row => ({
              event_id: 100_000 + events.length + i,
              user_id: user,
              event_type: type,
              watch_minutes: minutes,
              quiz_score: null,
              event_time: `${addDays(FIRST_DAY, day)}T${String(hour).padStart(2, '0')}:30:00Z`,
            }),
          ),
        ],
      };
    case 'remove':
      return { users, events: events.filter((_, i) => i !== edit.at % events.length) };
    case 'user':
      return {
        users: [
          ...users,
          {
            ...users[0],
            user_id: Math.max(...users.map((user) => Number(user.user_id))) + 1,
            signup_date: addDays(FIRST_DAY, edit.signup),
            plan: edit.plan,
          },
        ],
        events,
      };
    case 'plan':
      return {
        users: users.map((user, i) => (i === edit.at % users.length ? { ...user, plan: edit.plan } : user)),
        events,
      };
    case 'drop':
      return { users: users.filter((_, i) => users.length < 3 || i !== edit.at % users.length), events };
    default:
      return { users, events };
  }
}

function settingsAfter(settings: Settings, edit: Edit): Settings {
  const features = settings.features as Settings;
  return edit.kind === 'windows'
    ? { ...settings, features: { ...features, windows: edit.windows } }
    : edit.kind === 'sampling'
      ? {
          ...settings,
          training: { ...(settings.training as Settings), sampling: { every_days: edit.every } },
        }
      : settings;
}

const LABELS: Settings[] = [
  { kind: 'inactivity', horizon_days: 5 },
  { kind: 'inactivity', horizon_days: 4, events: ['login', 'quiz_attempt'] },
  { kind: 'event', horizon_days: 5, events: { cancel: 'voluntary' } },
];

export const labels = fc.constantFrom(...LABELS);

/** Runs over one edit after the other; after each the tables have to be those of a new project. */
export async function assertEdits(label: Settings, all: readonly Edit[]): Promise<void> {
  let settings: Settings = {
    features: { windows: [3, 7], ratios: {} },
    label,
    population: 'all',
    training: { sampling: 'all', complete_windows: false },
    drift: { features: [] },
  };
  let log: Log = { users: WORLD.users as Row[], events: WORLD.eventRows };
  const project = await refreshedProject(settings);
  // The edits are of the kind that checks complain about.
  const steps = ['prepare', 'features', 'labels', 'training-set'];
  try {
    await project.run(log, settings, undefined, steps);
    for (const edit of all) {
      log = edited(log, edit);
      settings = settingsAfter(settings, edit);
      await project.run(log, settings, undefined, steps);
      await project.assertAsNew(log, settings);
    }
  } finally {
    await project.close();
  }
}
