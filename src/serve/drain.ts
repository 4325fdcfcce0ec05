import type { FastifyInstance } from 'fastify';
import type { Life } from './serving.js';

export interface DrainTimes {
  /** How long requests are still accepted while /ready says 503: load balancers take their time to notice. */
  drainSeconds: number;
  /** When to give up on requests that take too long. */
  stopSeconds: number;
}

const SWEEP_MILLISECONDS = 100;

/**
 * Ends a server without losing a request: not ready at once, every answer from now on closes its connection, later no new
 * connections, and then what was accepted is answered. True when everything was; false when time ran out.
 */
export async function drain(
  apps: readonly FastifyInstance[],
  life: Life,
  { drainSeconds, stopSeconds }: DrainTimes,
): Promise<boolean> {
  const started = performance.now();
  life.draining = true;
  for (const reply of life.replies) {
    if (!reply.raw.headersSent) {
      reply.header('connection', 'close');
    }
  }
  await delay(1000 * drainSeconds);
  // A connection may fall idle after the server has looked for idle ones.
  const sweep = setInterval(
    () => apps.forEach((app) => app.server.closeIdleConnections()),
    SWEEP_MILLISECONDS,
  );
  const left = 1000 * stopSeconds - (performance.now() - started);
  const closed = Promise.all(apps.map((app) => app.close())).then(() => true);
  const inTime = await Promise.race([closed, delay(Math.max(0, left)).then(() => false)]);
  clearInterval(sweep);
  if (!inTime) {
    apps.forEach((app) => app.server.closeAllConnections());
  }
  return inTime;
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
