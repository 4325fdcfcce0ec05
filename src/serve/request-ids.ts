import type { FastifyRequest } from 'fastify';

/** What the log lines of a request name it by. */
export function idsOf({ id, span }: FastifyRequest): { request_id: string; trace_id?: string } {
  return { request_id: id, ...(span && { trace_id: span.traceId }) };
}
