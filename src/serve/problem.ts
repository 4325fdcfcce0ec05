import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ChurnError, ERRORS } from '../error.js';
import { type FieldProblem, InvalidRows, shown } from './invalid-rows.js';
import { idsOf } from './request-ids.js';

/** What only an HTTP caller can meet. Everything else is in error.ts. */
export const HTTP_PROBLEMS = {
  'http.invalid': { status: 400, title: 'the request is malformed' },
  'http.unauthorized': { status: 401, title: 'a key is needed' },
  'http.forbidden': { status: 403, title: 'the key may not do this' },
  'http.not_found': { status: 404, title: 'there is nothing here' },
  'http.conflict': { status: 409, title: 'it contradicts what came before' },
  'http.too_large': { status: 413, title: 'the request is too large' },
  'http.media_type': { status: 415, title: 'the body is of a type that is not read here' },
  'http.rate_limited': { status: 429, title: 'this key has asked too often' },
  'http.crash': { status: 500, title: 'the server failed' },
  'http.overloaded': { status: 503, title: 'too many requests at the same time' },
  'http.timeout': { status: 503, title: 'the answer took too long' },
} as const satisfies Record<string, { status: number; title: string }>;

export type HttpProblemCode = keyof typeof HTTP_PROBLEMS;

/** A refusal of the server itself. */
export class HttpProblem extends Error {
  readonly code: HttpProblemCode;
  readonly headers: Record<string, string>;

  constructor(code: HttpProblemCode, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.name = 'HttpProblem';
    this.code = code;
    this.headers = headers;
  }

  get statusCode(): number {
    return HTTP_PROBLEMS[this.code].status;
  }
}

/** RFC 9457. `errors` names every wrong value. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  errors?: { field: string; expected: string; value: string }[];
  /** How many values were wrong, also those not named. */
  error_count?: number;
}

export interface Problem {
  document: ProblemDocument;
  headers: Record<string, string>;
  /** Whether it is our fault: it is logged with its cause. */
  ours: boolean;
}

/** Anything thrown as a problem document. Of a failure of ours nothing is told but that it happened. */
export function problemOf(error: unknown, requestId: string): Problem {
  const { code, status, title, detail, fields, count, headers } = factsOf(error);
  return {
    document: {
      type: `urn:churn-mlops:problem:${code}`,
      title,
      status,
      detail,
      code,
      request_id: requestId,
      ...(fields && {
        errors: fields.map(({ field, expected, came }) => ({ field, expected, value: came })),
        error_count: count ?? fields.length,
      }),
    },
    headers,
    ours: status >= 500 && status !== 503,
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.document.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem.document);
}

/** The error handler of every route that has none of its own. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id);
  if (problem.document.code === 'http.timeout') {
    request.rejection = 'timeout';
  }
  if (problem.ours) {
    request.log.error({ err: error, ...idsOf(request) }, 'request failed');
  }
  return sendProblem(reply, problem);
}

interface Facts {
  code: string;
  status: number;
  title: string;
  detail: string;
  fields?: readonly FieldProblem[];
  count?: number;
  headers: Record<string, string>;
}

function factsOf(error: unknown): Facts {
  if (error instanceof ChurnError) {
    const { http, title } = ERRORS[error.code];
    const crash = http === 500;
    return {
      code: error.code,
      status: http,
      title: http === 400 ? 'the request is wrong' : title,
      detail: crash ? 'the server failed; its log says why' : error.message,
      ...(error instanceof InvalidRows && { fields: error.problems, count: error.count }),
      headers: http === 503 ? { 'retry-after': '5' } : {},
    };
  }
  if (error instanceof HttpProblem) {
    return of(error.code, error.message, { headers: error.headers });
  }
  return ofFastify(error as Partial<FastifyError>);
}

/** Codes of Fastify that a caller can cause. */
const FASTIFY_CODES: Record<string, HttpProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'http.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'http.media_type',
  FST_ERR_HANDLER_TIMEOUT: 'http.timeout',
};

function ofFastify(error: Partial<FastifyError> | null | undefined): Facts {
  if (error?.validation) {
    const fields = error.validation.map((item) =>
      envelopeProblem(item, error.validationContext ?? 'request'),
    );
    const [{ field, expected, came }] = fields;
    return of('http.invalid', `expected ${expected} in ${field}; got ${came}`, { fields });
  }
  const known = FASTIFY_CODES[error?.code ?? ''];
  if (known) {
    return of(
      known,
      error?.message ?? '',
      known === 'http.timeout' ? { headers: { 'retry-after': '5' } } : {},
    );
  }
  const status = error?.statusCode ?? 500;
  if (status === 429) {
    return of('http.rate_limited', error?.message ?? '');
  }
  if (status === 503) {
    return of('http.overloaded', error?.message ?? '', { headers: { 'retry-after': '1' } });
  }
  return status >= 400 && status < 500
    ? of('http.invalid', error?.message ?? '')
    : of('http.crash', 'the server failed; its log says why');
}

function of(code: HttpProblemCode, detail: string, more: Partial<Facts> = {}): Facts {
  return { code, ...HTTP_PROBLEMS[code], detail, headers: {}, ...more };
}

type Validation = NonNullable<FastifyError['validation']>[number] & { data?: unknown };

/** What the schema of a route (not of the model) refused. */
function envelopeProblem(item: Validation, context: string): FieldProblem {
  const path = item.instancePath.replace(/^\//, '').replaceAll('/', '.');
  const at = (name: unknown) => (path === '' ? String(name) : `${path}.${name}`);
  const place = path === '' ? `the ${context}` : path;
  switch (item.keyword) {
    case 'required':
      return { field: at(item.params.missingProperty), expected: 'a value', came: 'nothing' };
    case 'additionalProperties':
      return {
        field: at(item.params.additionalProperty),
        expected: 'only the documented fields',
        came: 'an unknown field',
      };
    default:
      return {
        field: place,
        expected: (item.message ?? '').replace(/^must (be|have|match) /, '') || 'another value',
        came: shown(item.data),
      };
  }
}
