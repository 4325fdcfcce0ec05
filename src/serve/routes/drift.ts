import type { FastifyInstance } from 'fastify';
import { ChurnError } from '../../error.js';
import type { Serving } from '../serving.js';
import { problems } from './schemas.js';

const schema = {
  summary: "Drift of the rows served lately against the model's reference profile",
  tags: ['monitor'],
  response: {
    200: {
      type: 'object',
      required: ['version', 'rows', 'report'],
      additionalProperties: true,
      properties: {
        version: { type: 'string' },
        rows: { type: 'integer', description: 'Served rows behind it (of this process)' },
        report: { type: 'object', additionalProperties: true, description: 'As data_drift_latest.json' },
      },
    },
    ...problems(401, 403, 404, 409, 429, 500, 503),
  },
};

export function driftRoute(app: FastifyInstance, { drift }: Serving): void {
  app.get('/drift', { schema, config: { scope: 'read' } }, (_request, reply) => {
    if (drift === null) {
      throw new ChurnError('input.missing', {
        expected: 'live drift',
        came: 'a server without it',
        fix: 'set serve.live_drift.enabled to true',
      });
    }
    const live = drift.report();
    if (live === null) {
      throw new ChurnError('data.insufficient', {
        expected: 'a model and enough served rows',
        came: 'too few so far',
        fix: 'ask again later',
      });
    }
    reply.send(live);
  });
}
