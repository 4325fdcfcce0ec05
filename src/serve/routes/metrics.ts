import type { FastifyInstance } from 'fastify';
import { METRICS_CONTENT_TYPE } from '../../metrics/index.js';
import type { Serving } from '../serving.js';

const schema = {
  summary: 'What Prometheus scrapes, of all processes together',
  tags: ['state'],
  response: { 200: { description: 'Series', content: { 'text/plain': { schema: { type: 'string' } } } } },
};

export function metricsRoute(app: FastifyInstance, serving: Serving): void {
  app.get('/metrics', { schema, config: { scope: 'none', exempt: true } }, async (_request, reply) => {
    const text = await serving.scrape();
    return reply.type(METRICS_CONTENT_TYPE).serializer(String).send(text);
  });
}
