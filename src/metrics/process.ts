import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Memory, processor time, event loop and garbage collection of the process. */
export function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
}
