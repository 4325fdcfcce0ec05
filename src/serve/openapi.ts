import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { PROGRAM_VERSION } from '../version.js';
import { accessOf } from './access.js';
import { type Json, withModel } from './openapi-model.js';
import { openapiPage } from './openapi-page.js';
import type { LiveModel } from './parts.js';
import type { Serving } from './serving.js';

/**
 * Documents every route added after it: the OpenAPI 3.1 document at /openapi.json, made from the schemas that the routes
 * check and answer with and from the features of the model that answers, and a page to try it at /docs. Where keys are
 * needed, /openapi.json needs one too; the page, which a browser opens without, then shows the document without the model.
 */
export function addOpenapi(app: FastifyInstance, serving: Serving): void {
  const { required } = accessOf(serving.settings);
  app.register(swagger, {
    openapi: { openapi: '3.1.0', info: INFO, tags: TAGS, components: { securitySchemes: SCHEMES } },
    transform: ({ schema, url, route }) => ({ schema: documented(schema, route, required), url }),
  });
  const document = documentsOf(app, serving);
  app.register(async (scope) => {
    scope.get('/openapi.json', { schema, config: { scope: 'read' } }, (_request, reply) =>
      reply
        .type('application/json')
        .header('cache-control', 'no-cache')
        .send(Buffer.from(JSON.stringify(document()))),
    );
  });
  openapiPage(app, required ? () => baseOf(app) : document);
}

const INFO = {
  title: 'churn-mlops',
  description: 'Probabilities of churn from the champion model, over three protocols that score alike.',
  version: PROGRAM_VERSION,
};

const TAGS = [
  { name: 'predict', description: 'Scores' },
  { name: 'open inference protocol', description: 'Version 2 over REST: KServe, Triton, MLServer' },
  { name: 'mlflow', description: 'As an MLflow scoring server or a SageMaker container' },
  { name: 'monitor', description: 'How the served rows drift' },
  { name: 'state', description: 'Probes and metrics' },
  { name: 'admin', description: 'Operation' },
];

const SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer' },
  key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
} as const;

const schema = {
  summary: 'This document',
  tags: ['state'],
  response: {
    200: {
      description: 'OpenAPI 3.1',
      content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
    },
  },
};

/** A route's schema with what its caller's key must be allowed to do. Routes without a schema are not documented. */
function documented(
  schema: FastifySchema | undefined,
  route: RouteOptions,
  required: boolean,
): FastifySchema {
  if (schema === undefined) {
    return { hide: true };
  }
  const scope = route.config?.scope ?? 'read';
  return required && scope !== 'none'
    ? { ...schema, security: [{ bearer: [scope] }, { key: [scope] }] }
    : schema;
}

/** Made once for each model. */
function documentsOf(app: FastifyInstance, { holder }: Serving): () => Json {
  const documents = new WeakMap<LiveModel, Json>();
  return () => {
    const model = holder.current();
    if (model === null) {
      return baseOf(app);
    }
    const document = documents.get(model) ?? withModel(baseOf(app), model);
    documents.set(model, document);
    return document;
  };
}

function baseOf(app: FastifyInstance): Json {
  return app.swagger() as unknown as Json;
}
