import type { Registry } from 'prom-client';
import type { Log } from '../log.js';
import type { MetricsJson, ToPrimary, ToWorker } from './process-messages.js';

/** One of several processes, as seen from inside. */
export interface Worker {
  /** The series of all processes. */
  scrape(): Promise<string>;
  /** Tells the others to look at the alias. */
  reloadOthers(): void;
  listening(url: string, metricsUrl: string | null): void;
}

export interface WorkerDuties {
  registry: Registry;
  reload(): void;
  stop(): void;
  log: Log;
}

/** A metric that cannot be read is a gap in a scrape, not the end of a process. */
async function measured(registry: Registry, log: Log): Promise<MetricsJson> {
  try {
    return (await registry.getMetricsAsJSON()) as MetricsJson;
  } catch (error) {
    log.error({ err: error }, 'the metrics of this process could not be read');
    return [];
  }
}

/** Takes part in a server of several processes. */
export function joinWorkers({ registry, reload, stop, log }: WorkerDuties): Worker {
  const waiting = new Map<number, (text: string) => void>();
  let next = 0;
  const tell = (message: ToPrimary) => {
    if (process.connected) {
      process.send?.(message);
    }
  };
  process.on('message', async (message: ToWorker) => {
    switch (message.kind) {
      case 'measure':
        tell({ kind: 'metrics', id: message.id, metrics: await measured(registry, log) });
        break;
      case 'scraped':
        waiting.get(message.id)?.(message.text);
        waiting.delete(message.id);
        break;
      case 'reload':
        reload();
        break;
      case 'stop':
        stop();
        break;
    }
  });
  // Without the first process nobody would stop us.
  process.once('disconnect', stop);
  return {
    scrape: () =>
      new Promise((resolve) => {
        const id = next++;
        waiting.set(id, resolve);
        tell({ kind: 'scrape', id });
      }),
    reloadOthers: () => tell({ kind: 'reload' }),
    listening: (url, metricsUrl) => tell({ kind: 'listening', url, metricsUrl }),
  };
}
