import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Serving } from '../serving.js';

const config = { scope: 'none', exempt: true } as const;

const live = {
  summary: 'Whether the process answers at all',
  tags: ['state'],
  response: { 200: { type: 'object', properties: { status: { type: 'string', const: 'live' } } } },
};

const readiness = {
  type: 'object',
  required: ['status', 'model'],
  properties: {
    status: { type: 'string', enum: ['ready', 'not_ready', 'draining'] },
    model: { type: ['string', 'null'], description: 'Version that answers' },
    because: { type: 'string', description: 'Why it is not ready' },
    last_reload: {
      type: ['object', 'null'],
      properties: {
        at: { type: 'string' },
        outcome: { type: 'string', enum: ['swapped', 'unchanged', 'failed'] },
        version: { type: ['string', 'null'] },
        error: { type: ['string', 'null'] },
      },
    },
    history: {
      type: 'object',
      description: 'Where results and requests are kept. While it is away the loaded model goes on answering',
      properties: {
        status: { type: 'string', enum: ['ok', 'away'] },
        since: { type: 'string' },
        because: { type: ['string', 'null'] },
        spooled: { type: 'integer', description: 'Entries on disk that it has not got yet' },
        refused: { type: 'integer', description: 'Entries that were not taken: too many waited' },
      },
    },
    prediction_log: {
      type: ['object', 'null'],
      description: 'null: switched off. A failing log does not stop serving',
      properties: {
        buffered: { type: 'integer' },
        written: { type: 'integer' },
        dropped: { type: 'integer' },
        failing: { type: ['string', 'null'] },
      },
    },
  },
} as const;

const ready = {
  summary: 'Whether predictions can be asked for',
  tags: ['state'],
  response: { 200: readiness, 503: readiness },
};

/** What Kubernetes and load balancers ask. Liveness depends on nothing; readiness on a model, and on not draining. */
export function probeRoutes(app: FastifyInstance, serving: Serving): void {
  app.get('/live', { schema: live, config }, (_request, reply) => {
    reply.send({ status: 'live' });
  });
  for (const path of ['/ready', '/health']) {
    app.get(path, { schema: ready, config }, (_request, reply) => answerReadiness(serving, reply));
  }
}

function answerReadiness({ holder, log, life, history, spool }: Serving, reply: FastifyReply): void {
  const version = holder.current()?.manifest.version ?? null;
  const last = holder.lastReload();
  const status = life.draining ? 'draining' : version === null ? 'not_ready' : 'ready';
  const because =
    status === 'draining' ? 'the process is ending' : (last?.error ?? 'no champion has been loaded yet');
  reply
    .code(status === 'ready' ? 200 : 503)
    .header('cache-control', 'no-store')
    .send({
      status,
      model: version,
      ...(status !== 'ready' && { because }),
      last_reload: last,
      history: { ...history.state(), spooled: spool.stats().waiting, refused: spool.stats().refused },
      prediction_log: log?.stats() ?? null,
    });
}
