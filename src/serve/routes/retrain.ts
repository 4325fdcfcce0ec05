import type { FastifyInstance } from 'fastify';
import { triggerEntry } from '../../triggers/trigger.js';
import { HttpProblem } from '../problem.js';
import { idsOf } from '../request-ids.js';
import type { Serving } from '../serving.js';
import { problems } from './schemas.js';

interface RetrainRequest {
  Body: { reason?: string } | undefined;
  Headers: { 'idempotency-key'?: string };
}

export const toldSchema = {
  type: 'object',
  required: ['key', 'outcome'],
  properties: {
    key: {
      type: 'string',
      description: 'Of the trigger; `churn-mlops history` names it with the run it led to',
    },
    outcome: {
      type: 'string',
      enum: ['added', 'known', 'spooled'],
      description:
        'known: it was asked for before. spooled: history is away, the request is kept on disk until it is back',
    },
  },
} as const;

const schema = {
  summary: 'Ask for `retrain --if-needed`, once however often it is asked with the same Idempotency-Key',
  description: 'Answered at once; `triggers.runner` says who takes it up.',
  tags: ['admin'],
  headers: {
    type: 'object',
    properties: {
      'idempotency-key': {
        type: 'string',
        pattern: '^[\\x21-\\x7e]{1,128}$',
        description: 'The same key is the same request; without it each is a new one',
      },
    },
  },
  body: {
    type: ['object', 'null'],
    additionalProperties: false,
    properties: { reason: { type: 'string', maxLength: 500, description: 'For the record' } },
  },
  response: { 202: toldSchema, ...problems(400, 401, 403, 409, 413, 415, 429, 500, 503) },
};

export function retrainRoute(app: FastifyInstance, serving: Serving): void {
  app.post<RetrainRequest>(
    '/admin/retrain',
    { schema, config: { scope: 'admin' } },
    async (request, reply) => {
      const caller = request.caller?.name ?? null;
      const trigger = triggerEntry(
        request.headers['idempotency-key'] ?? request.id,
        { source: 'api', reason: request.body?.reason ?? null, caller },
        serving.clock(),
      );
      const [{ key, outcome }] = await serving.spool.tell([trigger]);
      serving.starter?.look();
      if (outcome === 'differs') {
        throw new HttpProblem(
          'http.conflict',
          'expected the same request for the same Idempotency-Key; got another one',
        );
      }
      request.log.info({ ...idsOf(request), caller, key, outcome }, 'retrain asked for');
      return reply.code(202).send({ key, outcome });
    },
  );
}
