import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROGRAM_VERSION } from '../../version.js';
import { modelOf } from '../current-model.js';
import { predictColumns } from '../predict.js';
import { HttpProblem, problemOf } from '../problem.js';
import { idsOf } from '../request-ids.js';
import type { Serving } from '../serving.js';
import { MODEL_NAME, sendJson, sendRisks } from './oip-answer.js';
import { inferBodyOf } from './oip-body.js';
import { columnsRequestOf, OUTPUT } from './oip-infer.js';
import { liveSchema, modelSchemas, readySchema, serverSchema } from './oip-schemas.js';

const OPEN = { scope: 'none', exempt: true } as const;
const READ = { scope: 'read' } as const;
const PREDICT = { scope: 'predict' } as const;

/**
 * Open Inference Protocol v2 over REST (KServe, Triton, MLServer and their clients), with Triton's binary extension. Errors
 * are `{"error": text}` everywhere under /v2. Specification: https://github.com/kserve/open-inference-protocol
 */
export function oipRoutes(app: FastifyInstance, serving: Serving): void {
  app.register(async (scope) => addRoutes(scope, serving), { prefix: '/v2' });
}

function addRoutes(app: FastifyInstance, serving: Serving): void {
  answerInItsWay(app);
  app.get('/', { schema: serverSchema, config: READ }, (_request, reply) =>
    sendJson(reply, {
      name: 'churn-mlops',
      version: PROGRAM_VERSION,
      extensions: ['binary_tensor_data'],
    }),
  );
  app.get('/health/live', { schema: liveSchema, config: OPEN }, (_request, reply) =>
    sendJson(reply, { live: true }),
  );
  app.get('/health/ready', { schema: readySchema, config: OPEN }, (_request, reply) =>
    sendReadiness(reply, serving, { live: true }),
  );
  addModelRoutes(app, serving, '/models/:model', modelSchemas(false));
  addModelRoutes(app, serving, '/models/:model/versions/:version', modelSchemas(true));
}

interface ModelRequest {
  Params: { model: string; version?: string };
  Body: Buffer | undefined;
}

function addModelRoutes(
  app: FastifyInstance,
  serving: Serving,
  path: string,
  schemas: ReturnType<typeof modelSchemas>,
): void {
  const handlerTimeout = serving.settings.limits.answer_seconds * 1000;
  app.get<ModelRequest>(path, { schema: schemas.metadata, config: READ }, ({ params }, reply) => {
    requireModel(params, serving);
    return sendJson(reply, metadataOf(serving));
  });
  app.get<ModelRequest>(`${path}/ready`, { schema: schemas.ready, config: OPEN }, ({ params }, reply) => {
    requireModel(params, serving);
    return sendReadiness(reply, serving, { name: MODEL_NAME });
  });
  app.post<ModelRequest>(
    `${path}/infer`,
    { schema: schemas.infer, config: PREDICT, handlerTimeout },
    async (request, reply) => {
      // No await before the prediction: the model that was asked for is the model that answers.
      requireModel(request.params, serving);
      const length = request.headers['inference-header-content-length'];
      const body = inferBodyOf(request.body ?? Buffer.alloc(0), length?.toString());
      const predictions = await predictColumns(serving, columnsRequestOf(body, request.id, serving));
      return sendRisks(reply, body, predictions);
    },
  );
}

/** @throws HttpProblem 404 for another model or version */
function requireModel({ model, version }: ModelRequest['Params'], { holder }: Serving): void {
  const current = holder.current()?.manifest.version ?? null;
  if (model !== MODEL_NAME) {
    throw new HttpProblem(
      'http.not_found',
      `expected the model "${MODEL_NAME}"; got "${model.slice(0, 80)}"`,
    );
  }
  if (version !== undefined && current !== null && version !== current) {
    throw new HttpProblem(
      'http.not_found',
      `expected the version "${current}", which answers now; got "${version.slice(0, 80)}"`,
    );
  }
}

function sendReadiness(reply: FastifyReply, { life, holder }: Serving, facts: object): FastifyReply {
  const because = life.draining
    ? 'the process is ending'
    : holder.current() === null
      ? (holder.lastReload()?.error ?? 'no champion has been loaded yet')
      : null;
  reply.code(because === null ? 200 : 503).header('cache-control', 'no-store');
  return sendJson(reply, {
    ...facts,
    ready: because === null,
    ...(because !== null && { error: because }),
  });
}

function metadataOf({ holder }: Serving): object {
  const { manifest, encoding } = modelOf(holder);
  return {
    name: MODEL_NAME,
    versions: [manifest.version],
    platform: 'onnx_onnxv1',
    inputs: encoding.features.map(({ name, type }) => ({
      name,
      datatype: type === 'number' ? 'FP64' : 'BYTES',
      shape: [-1],
    })),
    outputs: [{ name: OUTPUT, datatype: 'FP32', shape: [-1] }],
  };
}

const READ_TYPES = ['application/json', 'application/octet-stream'];

/** Bodies come as bytes, whatever their type says; schemas only document; errors and paths not known have the protocol's form. */
function answerInItsWay(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const take = (_request: FastifyRequest, body: Buffer, done: (error: null, body: Buffer) => void) =>
    done(null, body);
  app.addContentTypeParser(READ_TYPES, { parseAs: 'buffer' }, take);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    // tritonclient names no type.
    const type = request.headers['content-type'];
    const wrong = new HttpProblem(
      'http.media_type',
      `expected ${READ_TYPES.join(' or ')}; got ${type?.slice(0, 80)}`,
    );
    return type === undefined ? done(null, body) : done(wrong);
  });
  app.setValidatorCompiler(() => () => true);
  app.setErrorHandler((error, request, reply) => {
    const { document, headers, ours } = problemOf(error, request.id);
    if (ours) {
      request.log.error({ err: error, ...idsOf(request) }, 'request failed');
    }
    return sendJson(reply.code(document.status).headers(headers), { error: document.detail });
  });
  app.setNotFoundHandler((request) => {
    throw new HttpProblem(
      'http.not_found',
      `expected a path of the protocol; got ${request.method} ${request.url.split('?', 1)[0].slice(0, 100)}`,
    );
  });
}
