import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { ChurnError, messageOf } from '../error.js';
import { asFileError } from '../files.js';
import { buildApp, buildMetricsApp } from './app.js';
import { drain } from './drain.js';
import type { LogLines } from './log-lines.js';
import type { RouteGroup } from './routes/index.js';
import type { Serving } from './serving.js';

export interface Listening {
  url: string;
  /** Of the port for metrics alone, if there is one. */
  metricsUrl: string | null;
  /** Drains and closes (see drain.ts), then writes out the prediction log. True when every request was answered. */
  stop(): Promise<boolean>;
}

export interface ListenOptions {
  logLines: LogLines | null;
  /** Paths of certificate and key. */
  tls: { cert: string; key: string } | null;
  routes?: readonly RouteGroup[];
}

/**
 * Binds the API to its ports.
 * @throws io.failed when a port is taken or an address is not ours, input.missing for TLS files, config.invalid (access.ts)
 */
export async function listen(serving: Serving, options: ListenOptions): Promise<Listening> {
  const { settings, life, holder, log, upkeep, spool, starter } = serving;
  const { host, port, metrics_port } = settings;
  const app = buildApp(serving, { ...options, tls: options.tls && (await readTls(options.tls)) });
  const metricsApp = metrics_port === undefined ? null : buildMetricsApp(serving);
  const apps = metricsApp === null ? [app] : [app, metricsApp];
  try {
    const scheme = options.tls === null ? 'http' : 'https';
    const url = await bind(app, scheme, host, port);
    const metricsUrl = metricsApp && (await bind(metricsApp, 'http', host, metrics_port as number));
    return {
      url,
      metricsUrl,
      stop: async () => {
        const answered = await drain(apps, life, {
          drainSeconds: settings.drain_seconds,
          stopSeconds: settings.stop_seconds,
        });
        await upkeep?.close();
        await starter?.close();
        await spool.close();
        await holder.close();
        await log?.close();
        return answered;
      },
    };
  } catch (error) {
    await Promise.all(apps.map((one) => one.close()));
    throw error;
  }
}

async function bind(app: FastifyInstance, scheme: string, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw asListenError(error, host, port);
  }
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'permission is denied (ports below 1024 need it)',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'the name leads to no address',
};

function asListenError(error: unknown, host: string, port: number): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo'
    ? new ChurnError(
        'io.failed',
        {
          expected: `to listen on ${host} port ${port}`,
          came: REASONS[code ?? ''] ?? messageOf(error),
          fix: 'choose another with --host and --port',
        },
        error,
      )
    : error;
}

async function readTls({ cert, key }: { cert: string; key: string }): Promise<{ cert: string; key: string }> {
  const read = (path: string) =>
    readFile(path, 'utf8').catch((error) => {
      throw asFileError(error, path, 'read');
    });
  return { cert: await read(cert), key: await read(key) };
}
