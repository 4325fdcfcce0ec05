import type { FastifyInstance } from 'fastify';
import { ChurnError } from '../../error.js';
import { modelOf } from '../current-model.js';
import { predictEncoded } from '../predict.js';
import { countRow } from '../row-encoder.js';
import type { Serving } from '../serving.js';
import { answerOf, EXPLAINED } from './answer.js';
import { answerSchema, problems } from './schemas.js';

const schema = {
  summary: 'Probability of churn of a known user, from the newest features of the store',
  tags: ['predict'],
  params: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string', minLength: 1, maxLength: 256, description: 'user_id' } },
  },
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      explain: {
        type: 'string',
        pattern: '^(true|false|[1-9][0-9]{0,2})$',
        description: 'true: the five strongest contributions; a number: so many',
      },
    },
  },
  response: { 200: answerSchema, ...problems(400, 401, 403, 404, 422, 429, 500, 503) },
};

interface UserRequest {
  Params: { id: string };
  Querystring: { explain?: string };
}

export function userRoute(app: FastifyInstance, serving: Serving): void {
  app.get<UserRequest>('/users/:id/churn', { schema, config: { scope: 'read' } }, async (request) => {
    const { id } = request.params;
    const model = modelOf(serving.holder);
    const found = await (serving.users?.find(id, model) ?? null);
    if (found === null) {
      throw new ChurnError('input.missing', {
        expected: `features of user "${id.slice(0, 80)}"`,
        came: 'a user without any on the newest day',
        fix: 'check the id; new users appear once `churn-mlops run` has built their features',
      });
    }
    countRow(model.encoding, found.values, serving.meter.valueCounts(model.encoding));
    const prediction = predictEncoded(serving, model, {
      requestId: request.id,
      userId: id,
      snapshotDate: found.day,
      values: found.values,
      explain: explainOf(request.query.explain),
    });
    return answerOf(prediction, id, found.day);
  });
}

function explainOf(text = 'false'): number {
  return text === 'false' ? 0 : text === 'true' ? EXPLAINED : Number(text);
}
