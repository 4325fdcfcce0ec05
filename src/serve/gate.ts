import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Scope } from '../config/serve.js';
import type { Rejection } from '../metrics/requests.js';
import type { Span, Tracing } from '../tracing/tracing.js';
import { accessOf, type Caller } from './access.js';
import { HttpProblem } from './problem.js';
import { SECURITY_HEADERS, TLS_HEADERS } from './security-headers.js';
import type { Life, Serving } from './serving.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must be allowed to do; none: open to all. Default: read. */
    scope?: Scope | 'none';
    /** Answered even when the server is full: probes and metrics. */
    exempt?: boolean;
  }
  interface FastifyRequest {
    /** performance.now() at the head of the request. */
    startedAt: number;
    caller: Caller | null;
    /** Null: it is not traced. */
    span: Span | null;
    /** Set by who turned it away, where the status does not tell. */
    rejection: Rejection | null;
  }
}

/** Bodies beyond this count as large. */
const LARGE_BODY_BYTES = 256 * 1024;

/** Label of requests that no route knows. */
export const UNMATCHED = '<unmatched>';

/**
 * What every request passes through: it is counted (when it ends, whatever its end), refused when the server is full,
 * and its key is checked. Bodies are read only after that.
 */
export function addGate(app: FastifyInstance, serving: Serving): void {
  const { life, settings, metrics } = serving;
  const access = accessOf(settings);
  const headers = settings.tls ? { ...SECURITY_HEADERS, ...TLS_HEADERS } : SECURITY_HEADERS;
  app.decorateRequest('startedAt', 0);
  app.decorateRequest('caller', null);
  app.decorateRequest('rejection', null);
  app.decorateRequest('span', null);
  app.addHook('onRoute', ({ method, url, schema }) => {
    // Documented routes; Fastify adds HEAD to each GET, and the page has files.
    for (const one of schema ? [method].flat() : []) {
      if (one !== 'HEAD') {
        metrics.requests.announce(one, url);
      }
    }
  });
  app.addHook('onRequest', (request, reply, done) => {
    request.startedAt = performance.now();
    reply.headers(headers);
    reply.header('x-request-id', request.id);
    const large = isLarge(request);
    enter(life, reply, large);
    const { url = UNMATCHED, config } = request.routeOptions;
    const { scope = 'read', exempt = false } = config;
    if (serving.tracing !== null && !exempt) {
      request.span = beginSpan(serving.tracing, request, url);
    }
    reply.raw.on('close', () => {
      leave(life, reply, large);
      count(serving, request, reply, { path: url, exempt });
    });
    if (life.draining) {
      reply.header('connection', 'close');
    }
    try {
      if (!exempt) {
        requireRoom(life, settings.limits, request, large);
      }
      // Who asks for what is not there is told so without a key.
      request.caller = request.is404 ? null : access.check(request, scope);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The template of the route, never the path: that holds user ids. */
function beginSpan(tracing: Tracing, { method, headers }: FastifyRequest, route: string): Span {
  const parent = headers.traceparent;
  return tracing.begin({
    name: `${method} ${route}`,
    kind: 'server',
    parent: typeof parent === 'string' ? parent : null,
    attributes: { 'http.request.method': method, 'http.route': route },
  });
}

function isLarge({ headers }: FastifyRequest): boolean {
  return (
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > LARGE_BODY_BYTES
  );
}

function enter(life: Life, reply: FastifyReply, large: boolean): void {
  life.replies.add(reply);
  life.largeInFlight += large ? 1 : 0;
}

function leave(life: Life, reply: FastifyReply, large: boolean): void {
  life.replies.delete(reply);
  life.largeInFlight -= large ? 1 : 0;
}

function requireRoom(
  life: Life,
  limits: Serving['settings']['limits'],
  request: FastifyRequest,
  large: boolean,
): void {
  if (life.replies.size > limits.in_flight || (large && life.largeInFlight > limits.large_in_flight)) {
    request.rejection = 'overloaded';
    throw new HttpProblem(
      'http.overloaded',
      'expected fewer requests at the same time; ask again in a second',
      {
        'retry-after': '1',
      },
    );
  }
}

/** A caller that went away before the answer. */
const CLIENT_CLOSED = 499;

const BY_STATUS: Record<number, Rejection> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  413: 'too_large',
  415: 'media_type',
  422: 'invalid',
  429: 'rate_limited',
};

function count(
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
  { path, exempt }: { path: string; exempt: boolean },
): void {
  const { requests } = serving.metrics;
  const status = reply.raw.headersSent ? reply.raw.statusCode : CLIENT_CLOSED;
  request.span?.end({ 'http.response.status_code': status }, status >= 500 ? String(status) : null);
  requests.ended(request.method, path, status, (performance.now() - request.startedAt) / 1000);
  const reason = exempt ? undefined : reasonOf(serving, request, status);
  if (reason !== undefined) {
    requests.rejected(reason);
  }
}

function reasonOf({ holder }: Serving, request: FastifyRequest, status: number): Rejection | undefined {
  if (request.rejection !== null) {
    return request.rejection;
  }
  return status === 503 ? (holder.current() === null ? 'no_model' : 'overloaded') : BY_STATUS[status];
}
