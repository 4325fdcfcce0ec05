import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROGRAM_VERSION } from '../../version.js';
import { HttpProblem, problemOf } from '../problem.js';
import { idsOf } from '../request-ids.js';
import type { Serving } from '../serving.js';
import { formatOf } from './mlflow-content-type.js';
import { predictInvocation } from './mlflow-predict.js';
import { endpointSchema, invocationSchema, pingSchema, versionSchema } from './mlflow-schemas.js';
import { MODEL_NAME, sendJson } from './oip-answer.js';

const OPEN = { scope: 'none', exempt: true } as const;
const PREDICT = { scope: 'predict' } as const;

/**
 * What MLflow's scoring server answers, and so SageMaker's containers and its runtime client (/endpoints/churn/invocations).
 * Only /health is the contract's own (probes.ts).
 */
export function mlflowRoutes(app: FastifyInstance, serving: Serving): void {
  answerInItsWay(app);
  app.get('/ping', { schema: pingSchema, config: OPEN }, (_request, reply) => {
    if (serving.life.draining) {
      return sendError(reply, 503, 'the process is ending');
    }
    return serving.holder.current() === null
      ? sendError(reply, 404, 'no model is loaded')
      : reply.type('text/plain; charset=utf-8').send('\n');
  });
  app.get('/version', { schema: versionSchema, config: { scope: 'read' } }, (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(PROGRAM_VERSION),
  );
  const handlerTimeout = serving.settings.limits.answer_seconds * 1000;
  app.post(
    '/invocations',
    { schema: invocationSchema, config: PREDICT, handlerTimeout },
    async (request, reply) => answer(serving, request, reply),
  );
  app.post<{ Params: { name: string } }>(
    '/endpoints/:name/invocations',
    { schema: endpointSchema, config: PREDICT, handlerTimeout },
    async (request, reply) => {
      const { name } = request.params;
      if (name !== MODEL_NAME) {
        throw new HttpProblem(
          'http.not_found',
          `expected the endpoint "${MODEL_NAME}"; got "${name.slice(0, 80)}"`,
        );
      }
      reply.header('x-amzn-invoked-production-variant', 'champion');
      return answer(serving, request, reply);
    },
  );
}

async function answer(serving: Serving, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const format = formatOf(request.headers['content-type']);
  const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
  const { risks } = await predictInvocation(serving, body, format, request.id);
  return sendJson(reply, { predictions: Array.from(risks) });
}

/** MLflow's names for statuses. */
const CODES: Record<number, string> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  429: 'REQUEST_LIMIT_EXCEEDED',
  500: 'INTERNAL_ERROR',
  503: 'TEMPORARILY_UNAVAILABLE',
};

function sendError(reply: FastifyReply, status: number, message: string): FastifyReply {
  return sendJson(reply.code(status), { error_code: CODES[status] ?? 'BAD_REQUEST', message });
}

/** Bodies come as bytes, whatever their type says: mlflow-content-type.ts judges it. Schemas only document. */
function answerInItsWay(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setValidatorCompiler(() => () => true);
  app.setErrorHandler((error, request, reply) => {
    const { document, headers, ours } = problemOf(error, request.id);
    const { status, detail } = document;
    if (ours) {
      request.log.error({ err: error, ...idsOf(request) }, 'request failed');
    }
    reply.headers(headers);
    return status === 415
      ? reply.code(status).type('text/plain; charset=utf-8').send(detail)
      : sendError(reply, status, detail);
  });
}
