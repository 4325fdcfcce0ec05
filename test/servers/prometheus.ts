import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, requireProgram } from './debian.js';
import { type Server, startServer } from './process.js';

export interface QueryResult {
  metric: Record<string, string>;
  value: [number, string];
}

export interface Prometheus extends Server {
  /** The instant vector; empty when there is none yet. @throws for a query that Prometheus refuses */
  query(text: string): Promise<QueryResult[]>;
}

/** A real Prometheus (Debian's), with promtool beside it. */
export function requirePrometheus(): void {
  requireProgram('promtool', 'prometheus');
}

/** Configuration is YAML or JSON text, as prometheus.yml has it. */
export async function startPrometheus(configuration: string): Promise<Prometheus> {
  requirePrometheus();
  const port = await freePort();
  const server = await startServer({
    program: 'prometheus',
    url: `http://127.0.0.1:${port}`,
    readyPath: '/-/ready',
    prepare: async (folder) => {
      await writeFile(join(folder, 'prometheus.yml'), configuration);
      return [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ];
    },
  });
  return {
    ...server,
    query: async (text) => {
      const response = await fetch(`${server.url}/api/v1/query?query=${encodeURIComponent(text)}`);
      const answer = (await response.json()) as { error?: string; data?: { result: QueryResult[] } };
      if (answer.data === undefined) {
        throw new Error(`${answer.error}: ${text}`);
      }
      return answer.data.result;
    },
  };
}
