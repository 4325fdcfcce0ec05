import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import { addGate } from './gate.js';
import type { LogLines } from './log-lines.js';
import { addOpenapi } from './openapi.js';
import { answerProblem, HttpProblem } from './problem.js';
import { idsOf } from './request-ids.js';
import { ROUTES, type RouteGroup } from './routes/index.js';
import { metricsRoute } from './routes/metrics.js';
import type { Serving } from './serving.js';

export interface AppOptions {
  /** Where log lines go; null: nowhere. */
  logLines: LogLines | null;
  /** Certificate and key in PEM. */
  tls?: { cert: string; key: string } | null;
  routes?: readonly RouteGroup[];
}

/** The API without listening: `inject` works at once, `listen.ts` binds it to ports. */
export function buildApp(serving: Serving, options: AppOptions): FastifyInstance {
  const app = fastify(serverOptions(serving, options)) as unknown as FastifyInstance;
  serving.serverLog.attach(app.log);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler(answerProblem);
  app.setNotFoundHandler((request) => {
    throw new HttpProblem(
      'http.not_found',
      `expected a path of the API; got ${request.method} ${pathOf(request.url)}`,
    );
  });
  addGate(app, serving);
  addRateLimit(app, serving);
  addOpenapi(app, serving);
  const { metrics_port } = serving.settings;
  const routes = (options.routes ?? ROUTES).filter(
    (route) => metrics_port === undefined || route !== metricsRoute,
  );
  for (const route of routes) {
    app.register(async (scope) => route(scope, serving));
  }
  return app;
}

/** Only /metrics, for a port of its own. */
export function buildMetricsApp(serving: Serving): FastifyInstance {
  const app = fastify({ logger: false });
  app.register(async (scope) => metricsRoute(scope, serving));
  return app;
}

function serverOptions({ settings }: Serving, { logLines, tls }: AppOptions): FastifyServerOptions {
  const { limits } = settings;
  return {
    ...(tls && { https: tls }),
    logger: logLines === null ? false : loggerOptions(settings.log_level, logLines),
    logController: new LogController({ disableRequestLogging: settings.log_level !== 'debug' }),
    // One logger for all requests: a child for each costs more than the prediction. Lines name the request's id.
    childLoggerFactory: (logger: FastifyBaseLogger) => logger,
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers['x-request-id']),
    bodyLimit: Math.floor(limits.body_megabytes * 1024 * 1024),
    requestTimeout: limits.request_seconds * 1000,
    keepAliveTimeout: limits.keep_alive_seconds * 1000,
    // While closing, what was accepted is answered.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    frameworkErrors: answerProblem,
    // The probabilities of a batch: three times as fast as one by one.
    serializerOpts: { largeArrayMechanism: 'json-stringify', largeArraySize: 1000 },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        verbose: true,
        allowUnionTypes: true,
      },
    },
  } as FastifyServerOptions;
}

/** Headers and bodies are never logged; if an error carries some, keys in them are blotted out. */
function loggerOptions(level: string, stream: LogLines) {
  const secret = ['authorization', '["x-api-key"]', 'cookie'];
  return {
    level,
    stream,
    redact: ['headers', 'req.headers', 'err.headers', 'err.request.headers'].flatMap((place) =>
      secret.map((name) => (name.startsWith('[') ? `${place}${name}` : `${place}.${name}`)),
    ),
    serializers: {
      req: (request: { method: string; routeOptions?: { url?: string }; id?: string }) => ({
        method: request.method,
        path: request.routeOptions?.url,
      }),
      res: (reply: FastifyReply) => ({ statusCode: reply.statusCode, ...idsOf(reply.request) }),
    },
  };
}

const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;

/** Ids of one process: its own mark and a number. A random id for each request takes longer than to check a row. */
const PROCESS_MARK = randomBytes(9).toString('base64url');
let requests = 0;

/** The caller's own id where it is harmless to repeat, otherwise a new one. */
function requestIdOf(given: string | string[] | undefined): string {
  if (typeof given === 'string' && REQUEST_ID.test(given)) {
    return given;
  }
  requests++;
  return `${PROCESS_MARK}-${requests.toString(36)}`;
}

/** A path without its query, never longer than a line. */
function pathOf(url: string): string {
  return url.split('?', 1)[0].slice(0, 100);
}

function addRateLimit(app: FastifyInstance, { settings }: Serving): void {
  const { requests_per_minute } = settings.limits;
  if (requests_per_minute > 0) {
    app.register(rateLimit, {
      max: requests_per_minute,
      timeWindow: 60_000,
      keyGenerator: (request) => request.caller?.name ?? request.ip,
      allowList: (request) => request.routeOptions.config.exempt === true,
      errorResponseBuilder: (_request, { after }) =>
        new HttpProblem(
          'http.rate_limited',
          `expected at most ${requests_per_minute} requests a minute; ask again in ${after}`,
        ),
    });
  }
}
