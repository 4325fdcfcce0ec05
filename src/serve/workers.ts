import cluster, { type Worker as Process } from 'node:cluster';
import { AggregatorRegistry } from '../metrics/index.js';
import type { MetricsJson, ToPrimary, ToWorker } from './process-messages.js';

export interface WorkersOptions {
  count: number;
  /** Aborted when the server is to end. */
  signal: AbortSignal;
  onListening(url: string, metricsUrl: string | null): void;
  onNote(text: string): void;
}

/** A process that ends sooner than this after its start is started again only after as long a pause. */
const RESTART_PAUSE_MILLISECONDS = 2000;

/** How long a scrape waits for a process that does not answer. */
const MEASURE_MILLISECONDS = 2000;

/**
 * Starts `count` processes with our own command line, which share the ports, and starts lost ones again. They are ended
 * together. Resolves with the exit code: 0, or the code of a process that could not even start to listen.
 */
export function runWorkers({ count, signal, onListening, onNote }: WorkersOptions): Promise<number> {
  return new Promise((resolve) => {
    let [stopping, listened, exitCode] = [false, false, 0];
    const stop = () => {
      stopping = true;
      for (const worker of alive()) {
        send(worker, { kind: 'stop' });
      }
      finish();
    };
    const finish = () => {
      if (stopping && alive().length === 0) {
        signal.removeEventListener('abort', stop);
        resolve(exitCode);
      }
    };
    const start = () => {
      if (stopping) {
        return;
      }
      const started = performance.now();
      const worker = cluster.fork();
      worker.on('message', (message: ToPrimary) => {
        if (message.kind === 'listening' && !listened) {
          listened = true;
          onListening(message.url, message.metricsUrl);
        }
        answer(worker, message);
      });
      worker.on('exit', (code, cause) => {
        void bury(worker);
        if (!stopping && !listened) {
          exitCode = code || 1;
          stop();
        } else if (!stopping) {
          onNote(`process ${worker.process.pid} ended (${cause ?? `exit code ${code}`}); starting another`);
          const pause =
            performance.now() - started < RESTART_PAUSE_MILLISECONDS ? RESTART_PAUSE_MILLISECONDS : 0;
          setTimeout(start, pause);
        } else {
          exitCode ||= code ?? 1;
        }
        finish();
      });
    };
    process.on('SIGHUP', () => alive().forEach((worker) => send(worker, { kind: 'reload' })));
    signal.addEventListener('abort', stop);
    for (let i = 0; i < count; i++) {
      start();
    }
  });
}

function alive(): Process[] {
  return Object.values(cluster.workers ?? {}).filter(
    (worker) => worker !== undefined && !worker.isDead(),
  ) as Process[];
}

function send(worker: Process, message: ToWorker): void {
  if (worker.isConnected()) {
    worker.send(message);
  }
}

function answer(worker: Process, message: ToPrimary): void {
  if (message.kind === 'scrape') {
    void scrapeAll().then((text) => send(worker, { kind: 'scraped', id: message.id, text }));
  } else if (message.kind === 'reload') {
    alive()
      .filter((other) => other !== worker)
      .forEach((other) => send(other, { kind: 'reload' }));
  }
}

let scrapes = 0;

/** What each process said last, and the counts of those that have ended: totals never fall, so that no rate leaps. */
const lastSaid = new Map<number, MetricsJson>();
let ofTheDead: MetricsJson = [];

async function bury(worker: Process): Promise<void> {
  const counts = (lastSaid.get(worker.id) ?? []).filter(
    // The types name an enum, the values are these words.
    ({ type }) => ['counter', 'histogram'].includes(String(type)),
  );
  lastSaid.delete(worker.id);
  ofTheDead = [...ofTheDead, ...counts];
  const merged = await AggregatorRegistry.aggregate([ofTheDead]).getMetricsAsJSON();
  ofTheDead = merged as MetricsJson;
}

async function scrapeAll(): Promise<string> {
  const id = scrapes++;
  const workers = alive();
  const parts = await Promise.all(workers.map((worker) => measure(worker, id)));
  parts.forEach((part, i) => {
    if (part !== null) {
      lastSaid.set(workers[i].id, part);
    }
  });
  // Who did not answer in time counts as it was.
  return AggregatorRegistry.aggregate([...lastSaid.values(), ofTheDead]).metrics();
}

/** The series of one process; null when it does not answer in time. */
function measure(worker: Process, id: number): Promise<MetricsJson | null> {
  return new Promise((resolve) => {
    const end = (metrics: MetricsJson | null) => {
      clearTimeout(timer);
      worker.off('message', listener);
      worker.off('exit', gone);
      resolve(metrics);
    };
    const listener = (message: ToPrimary) => {
      if (message.kind === 'metrics' && message.id === id) {
        end(message.metrics);
      }
    };
    const gone = () => end(null);
    const timer = setTimeout(gone, MEASURE_MILLISECONDS);
    worker.on('message', listener);
    worker.on('exit', gone);
    send(worker, { kind: 'measure', id });
  });
}
