import { buildApp } from '../../../src/serve/app.js';
import { addOpenapi } from '../../../src/serve/openapi.js';
import { ROUTES, type RouteGroup } from '../../../src/serve/routes/index.js';
import { mlflowRoutes } from '../../../src/serve/routes/mlflow.js';
import { oipRoutes } from '../../../src/serve/routes/oip.js';
import { type ServingFacts, servingOf } from '../parts.js';

/** Every protocol and the document, also where the app does not have them itself. */
const everything: RouteGroup = (scope, serving) => {
  if (!scope.hasDecorator('swagger')) {
    addOpenapi(scope, serving);
  }
  for (const route of new Set([...ROUTES, oipRoutes, mlflowRoutes])) {
    scope.register(async (inner) => route(inner, serving));
  }
};

export function appOf(facts: ServingFacts) {
  const serving = servingOf(facts);
  return { serving, app: buildApp(serving, { logLines: null, routes: [everything] }) };
}
