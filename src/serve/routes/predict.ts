import type { FastifyInstance } from 'fastify';
import { predictOne } from '../predict.js';
import type { Serving } from '../serving.js';
import { answerOf, explainCount } from './answer.js';
import { checkDay } from './check.js';
import {
  answerSchema,
  explainSchema,
  featuresSchema,
  problems,
  snapshotDateSchema,
  userIdSchema,
} from './schemas.js';

interface PredictBody {
  user_id: string | number;
  snapshot_date?: string | null;
  features: Record<string, unknown>;
  explain?: boolean | number;
}

const ONE_ROW_BYTES = 1024 * 1024;

const schema = {
  summary: 'Probability of churn of one user from features that the caller sends',
  tags: ['predict'],
  body: {
    type: 'object',
    required: ['user_id', 'features'],
    additionalProperties: false,
    properties: {
      user_id: userIdSchema,
      snapshot_date: snapshotDateSchema,
      features: featuresSchema,
      explain: explainSchema,
    },
  },
  response: { 200: answerSchema, ...problems(400, 401, 403, 413, 415, 429, 500, 503) },
};

export function predictRoute(app: FastifyInstance, serving: Serving): void {
  const bodyLimit = Math.min(ONE_ROW_BYTES, app.initialConfig.bodyLimit ?? ONE_ROW_BYTES);
  app.post<{ Body: PredictBody }>(
    '/predict',
    { schema, bodyLimit, config: { scope: 'predict' } },
    (request, reply) => {
      const { user_id, snapshot_date = null, features, explain } = request.body;
      checkDay(snapshot_date, 'snapshot_date');
      const prediction = predictOne(serving, {
        requestId: request.id,
        row: { userId: user_id, snapshotDate: snapshot_date, features },
        explain: explainCount(explain),
      });
      reply.send(answerOf(prediction, user_id, snapshot_date));
    },
  );
}
