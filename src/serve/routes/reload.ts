import type { FastifyInstance } from 'fastify';
import { idsOf } from '../request-ids.js';
import type { Serving } from '../serving.js';
import { problems } from './schemas.js';

const result = {
  type: 'object',
  required: ['at', 'outcome', 'version', 'error'],
  properties: {
    at: { type: 'string' },
    outcome: { type: 'string', enum: ['swapped', 'unchanged', 'failed'] },
    version: { type: ['string', 'null'], description: 'The version that answers now' },
    error: { type: ['string', 'null'], description: 'Why the new version was not taken' },
  },
} as const;

const schema = {
  summary: 'Look at the champion alias now, instead of at the next look',
  description:
    'With several processes: the one that answers looks now, the others within serve.reload_seconds.',
  tags: ['admin'],
  response: { 200: result, 503: result, ...problems(401, 403, 429, 500) },
};

export function reloadRoute(app: FastifyInstance, serving: Serving): void {
  app.post('/admin/reload', { schema, config: { scope: 'admin' } }, async (request, reply) => {
    const outcome = await serving.reload();
    request.log.info({ ...idsOf(request), caller: request.caller?.name, ...outcome }, 'reload asked for');
    return reply.code(outcome.outcome === 'failed' ? 503 : 200).send(outcome);
  });
}
