import type { FastifyInstance } from 'fastify';
import type { Serving } from '../serving.js';
import { alertmanagerRoute } from './alertmanager.js';
import { batchRoute } from './batch.js';
import { driftRoute } from './drift.js';
import { metricsRoute } from './metrics.js';
import { mlflowRoutes } from './mlflow.js';
import { oipRoutes } from './oip.js';
import { outcomesRoute } from './outcomes.js';
import { predictRoute } from './predict.js';
import { probeRoutes } from './probes.js';
import { reloadRoute } from './reload.js';
import { retrainRoute } from './retrain.js';
import { userRoute } from './users.js';

/** Adds routes to a scope of their own: hooks and error handlers it adds hold for these routes only. */
export type RouteGroup = (app: FastifyInstance, serving: Serving) => void | Promise<void>;

/** Everything the server answers. */
export const ROUTES: readonly RouteGroup[] = [
  predictRoute,
  batchRoute,
  userRoute,
  oipRoutes,
  mlflowRoutes,
  probeRoutes,
  metricsRoute,
  driftRoute,
  outcomesRoute,
  reloadRoute,
  retrainRoute,
  alertmanagerRoute,
];
