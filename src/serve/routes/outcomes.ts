import type { FastifyInstance } from 'fastify';
import type { NewEntry } from '../../history/inbox.js';
import type { PostedOutcome } from '../../jobs/posted-outcomes.js';
import type { Serving } from '../serving.js';
import { checkDay, refuse } from './check.js';
import { problems, userIdSchema } from './schemas.js';

interface Outcome {
  user_id: string | number;
  as_of_date: string;
  churned: boolean | 0 | 1 | null;
  happened_at?: string | null;
  treated?: boolean | null;
  hold_out?: boolean | null;
  revision?: number;
}

const optionalFlag = (description: string) => ({ type: ['boolean', 'null'], description });

const outcomeSchema = {
  type: 'object',
  required: ['user_id', 'as_of_date', 'churned'],
  additionalProperties: false,
  properties: {
    user_id: userIdSchema,
    as_of_date: {
      type: 'string',
      pattern: '^\\d{4}-\\d{2}-\\d{2}$',
      description: 'Day of the prediction that it answers',
    },
    churned: { enum: [true, false, 0, 1, null], description: 'null: not known any more' },
    happened_at: {
      type: ['string', 'null'],
      maxLength: 40,
      description: 'A day or a time in UTC (ISO 8601)',
    },
    treated: optionalFlag('Whether the user got an offer after the prediction'),
    hold_out: optionalFlag('Whether the user was drawn at random to get none'),
    revision: {
      type: 'integer',
      minimum: 0,
      maximum: 1_000_000,
      description: 'A correction has a higher one than what it corrects; default 0',
    },
  },
} as const;

const answer = {
  type: 'object',
  required: ['added', 'known', 'spooled', 'conflicts'],
  properties: {
    added: { type: 'integer' },
    known: { type: 'integer', description: 'Told before, the same' },
    spooled: { type: 'integer', description: 'On disk until history is back' },
    conflicts: {
      type: 'array',
      description: 'Told before with the same revision, but otherwise: the first is kept',
      items: { type: 'string' },
    },
  },
} as const;

const schema = {
  summary: 'Tell what became of predictions, once however often it is told',
  description:
    'A prediction is named by user and day. All that was told is kept with the time of its arrival, so that an evaluation can be repeated as of any day; the last counts.',
  tags: ['monitor'],
  body: {
    type: 'object',
    required: ['outcomes'],
    additionalProperties: false,
    properties: { outcomes: { type: 'array', minItems: 1, items: outcomeSchema } },
  },
  response: { 200: answer, ...problems(400, 401, 403, 413, 415, 429, 500, 503) },
};

export function outcomesRoute(app: FastifyInstance, serving: Serving): void {
  app.post<{ Body: { outcomes: Outcome[] } }>(
    '/outcomes',
    { schema, config: { scope: 'outcomes' } },
    async (request) => {
      const { outcomes } = request.body;
      const now = serving.clock().toISOString();
      const told = await serving.spool.tell(outcomes.map((outcome, i) => entryOf(outcome, i, now)));
      const count = (wanted: string) => told.filter(({ outcome }) => outcome === wanted).length;
      return {
        added: count('added'),
        known: count('known'),
        spooled: count('spooled'),
        conflicts: told.filter(({ outcome }) => outcome === 'differs').map(({ key }) => key),
      };
    },
  );
}

function entryOf(outcome: Outcome, index: number, now: string): NewEntry<PostedOutcome> {
  const { as_of_date, churned, happened_at = null, treated = null, hold_out = null, revision = 0 } = outcome;
  checkDay(as_of_date, `outcomes[${index}].as_of_date`);
  if (happened_at !== null && !TIME.test(happened_at)) {
    refuse(`outcomes[${index}].happened_at`, 'a day or a time in UTC (ISO 8601)', happened_at);
  }
  const subject = `${outcome.user_id} ${as_of_date}`;
  return {
    kind: 'outcome',
    key: `${subject} ${revision}`,
    subject,
    body: {
      user_id: String(outcome.user_id),
      as_of_date,
      churned: numberOf(churned),
      happened_at,
      treated: numberOf(treated),
      hold_out: numberOf(hold_out),
    },
    at: now,
  };
}

const TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?Z?)?$/;

function numberOf(flag: boolean | 0 | 1 | null): 0 | 1 | null {
  return flag === null ? null : flag ? 1 : 0;
}
