import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { Json } from './openapi-model.js';

/** Everything comes from this server; scripts only from files. Styles are set inline by the page's own script. */
const PAGE_POLICY = {
  'default-src': "'none'",
  'base-uri': "'self'",
  'connect-src': "'self'",
  'font-src': "'self' data:",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'img-src': "'self' data:",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
};

/** The page at /docs on which the API can be tried. A browser sends no key to open a page, so it is open to all. */
export function openapiPage(app: FastifyInstance, document: () => Json): void {
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, scope: 'none' };
    });
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: PAGE_POLICY,
      uiConfig: { docExpansion: 'list', persistAuthorization: false, tryItOutEnabled: true },
      transformSpecificationClone: false,
      transformSpecification: document,
    });
  });
}
