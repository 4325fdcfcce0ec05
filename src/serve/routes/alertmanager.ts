import type { FastifyInstance } from 'fastify';
import { type AlertGroup, firingGroup } from '../../triggers/alertmanager.js';
import { triggerEntry } from '../../triggers/trigger.js';
import { idsOf } from '../request-ids.js';
import type { Serving } from '../serving.js';
import { toldSchema } from './retrain.js';
import { problems } from './schemas.js';

/** RFC 3339 as Go writes it, up to nanoseconds; a year that JavaScript knows. */
const TIME =
  '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$';

const status = { type: 'string', enum: ['firing', 'resolved'] } as const;

const schema = {
  summary:
    "Alertmanager's webhook: firing alerts ask for `retrain --if-needed`, once for each start of an alert",
  description:
    'The body of version 4. Answered at once; `triggers.runner` says who takes it up. What is resolved is ignored.',
  tags: ['admin'],
  body: {
    type: 'object',
    required: ['version', 'groupKey', 'status', 'alerts'],
    additionalProperties: true,
    properties: {
      version: { type: 'string', const: '4' },
      groupKey: { type: 'string', minLength: 1, maxLength: 10_000 },
      status,
      alerts: {
        type: 'array',
        maxItems: 10_000,
        items: {
          type: 'object',
          required: ['status', 'startsAt'],
          additionalProperties: true,
          properties: {
            status,
            startsAt: { type: 'string', pattern: TIME },
            labels: { type: 'object', additionalProperties: { type: 'string' } },
          },
        },
      },
    },
  },
  response: {
    200: {
      type: 'object',
      description: 'Nothing fires',
      required: ['outcome'],
      properties: { outcome: { type: 'string', enum: ['ignored'] } },
    },
    202: toldSchema,
    ...problems(400, 401, 403, 413, 415, 429, 500, 503),
  },
};

export function alertmanagerRoute(app: FastifyInstance, serving: Serving): void {
  app.post<{ Body: AlertGroup }>(
    '/hooks/alertmanager',
    { schema, config: { scope: 'webhook' } },
    async (request, reply) => {
      const group = firingGroup(request.body);
      if (group === null) {
        return reply.code(200).send({ outcome: 'ignored' });
      }
      const caller = request.caller?.name ?? null;
      const trigger = triggerEntry(
        group.key,
        { source: 'alertmanager', reason: group.reason, caller },
        serving.clock(),
      );
      const [{ key, outcome }] = await serving.spool.tell([trigger]);
      serving.starter?.look();
      request.log.info({ ...idsOf(request), caller, key, outcome }, 'retrain asked for by an alert');
      // The same start of the same group, seen from elsewhere: by another key, or with other alerts beside it.
      return reply.code(202).send({ key, outcome: outcome === 'differs' ? 'known' : outcome });
    },
  );
}
