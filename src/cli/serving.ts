import cluster from 'node:cluster';
import type { ServeConfig } from '../config/serve.js';
import { inRoot } from '../data/layout.js';
import type { Project } from '../open.js';
import { requiresKeys } from '../serve/access.js';
import { listen } from '../serve/listen.js';
import { logLinesTo } from '../serve/log-lines.js';
import { openServing } from '../serve/open.js';
import { runWorkers } from '../serve/workers.js';
import { type CliContext, EXIT } from './command.js';
import { textOption, wholeOption } from './values.js';

/** Serves until the signal comes; returns the exit code. @throws config.invalid when keys are needed and there are none */
export async function serve(context: CliContext): Promise<number> {
  const project = await context.project();
  const settings = settingsOf(project, context);
  // Refused before any process is started.
  requiresKeys(settings);
  return settings.workers > 1 && cluster.isPrimary
    ? serveWithWorkers(settings.workers, context)
    : serveHere(project, settings, context);
}

function settingsOf({ config }: Project, { options }: CliContext): ServeConfig {
  const { serve } = config;
  return {
    ...serve,
    host: textOption(options, 'host') ?? serve.host,
    port: wholeOption(options, 'port', serve.port, 0),
    workers: wholeOption(options, 'workers', serve.workers),
  };
}

function serveWithWorkers(count: number, { signal, output }: CliContext): Promise<number> {
  return runWorkers({
    count,
    signal,
    onListening: (url, metricsUrl) => showPlace({ output }, url, metricsUrl, count),
    onNote: (text) => output.note(text),
  });
}

/** Serves in this process until the signal comes; then drains. */
async function serveHere(project: Project, settings: ServeConfig, context: CliContext): Promise<number> {
  const { signal, output } = context;
  const ending = new AbortController();
  signal.addEventListener('abort', () => ending.abort());
  const logLines = logLinesTo(process.stderr);
  const { serving, worker } = await openServing(project, {
    settings,
    stop: cluster.isWorker ? () => ending.abort() : null,
  });
  const { tls = null } = settings;
  const server = await listen(serving, {
    logLines,
    tls: tls && { cert: inRoot(project.root, tls.cert), key: inRoot(project.root, tls.key) },
  });
  const reload = () => void serving.holder.reload();
  process.on('SIGHUP', reload);
  if (worker === null) {
    showPlace(context, server.url, server.metricsUrl, 1);
  } else {
    worker.listening(server.url, server.metricsUrl);
  }
  await serving.holder.start();
  if (serving.holder.current() === null && worker === null) {
    output.note(`not ready: ${serving.holder.lastReload()?.error ?? 'no champion has been promoted'}`);
  }
  void serving.upkeep?.run();
  await aborted(ending.signal);
  const answered = await server.stop();
  process.off('SIGHUP', reload);
  logLines.flush();
  return answered ? EXIT.fine : EXIT.crash;
}

function showPlace(
  { output }: Pick<CliContext, 'output'>,
  url: string,
  metricsUrl: string | null,
  workers: number,
): void {
  output.report({ url, metrics_url: metricsUrl, workers, process_id: process.pid }, () => {
    output.line(`listening on ${url}${workers > 1 ? ` (${workers} processes)` : ''}`);
    if (metricsUrl !== null) {
      output.line(`metrics on ${metricsUrl}/metrics`);
    }
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
