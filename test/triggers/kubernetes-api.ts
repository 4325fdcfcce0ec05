import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Manifest } from '../deploy/manifests.js';
import { manifestJudge } from '../deploy/schemas.js';

export interface KubernetesApi {
  /** Jobs by name, as they were sent. */
  jobs: Map<string, Manifest>;
  /** `METHOD path -> status` of every request. */
  requests: string[];
  /** Answers every request with 500 while true. */
  failing: boolean;
  /** Writes a kubeconfig with a token into a folder. */
  kubeconfig(folder: string): Promise<string>;
  close(): Promise<void>;
}

export const TOKEN = 'token-of-the-account';
const JOBS = /^\/apis\/batch\/v1\/namespaces\/churn-mlops\/jobs$/;
const CRON_JOB = '/apis/batch/v1/namespaces/churn-mlops/cronjobs/churn-retrain-weekly';

/**
 * Stands in for kube-apiserver: knows one CronJob, and takes Jobs that the published OpenAPI schema of Kubernetes finds
 * valid, each name once. Everything else is forbidden, as it is by deploy/kubernetes/base/rbac.yaml.
 */
export async function startKubernetesApi(cronJob: Manifest): Promise<KubernetesApi> {
  const judge = await manifestJudge();
  const problems = judge(cronJob);
  if (problems.length > 0) {
    throw new Error(problems.join('\n'));
  }
  const answer = async (request: IncomingMessage): Promise<[status: number, body: object]> => {
    const { method = '', url = '', headers } = request;
    const [path] = url.split('?');
    if (api.failing) {
      return failure(500, 'InternalError', 'etcd is away');
    }
    if (headers.authorization !== `Bearer ${TOKEN}`) {
      return failure(401, 'Unauthorized', 'Unauthorized');
    }
    if (method === 'GET' && path === CRON_JOB) {
      return [200, cronJob];
    }
    if (method !== 'POST' || !JOBS.test(path)) {
      return failure(403, 'Forbidden', `${method} ${path} is forbidden`);
    }
    const job = JSON.parse(await textOf(request)) as Manifest;
    const wrong = judge(job);
    if (wrong.length > 0 || job.kind !== 'Job' || job.metadata.namespace !== 'churn-mlops') {
      return failure(422, 'Invalid', wrong.join('; '));
    }
    if (api.jobs.has(job.metadata.name)) {
      return failure(409, 'AlreadyExists', `jobs.batch "${job.metadata.name}" already exists`);
    }
    api.jobs.set(job.metadata.name, job);
    return [201, job];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      api.requests.push(`${request.method} ${request.url?.split('/').at(-1)} ${status}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const api: KubernetesApi = {
    jobs: new Map(),
    requests: [],
    failing: false,
    kubeconfig: async (folder) => {
      const path = join(folder, 'kubeconfig');
      const context = { cluster: 'c', user: 'u', namespace: 'churn-mlops' };
      await writeFile(
        path,
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Config',
          'current-context': 'x',
          clusters: [
            { name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
          ],
          users: [{ name: 'u', user: { token: TOKEN } }],
          contexts: [{ name: 'x', context }],
        }),
      );
      return path;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}

function failure(code: number, reason: string, message: string): [number, object] {
  return [code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }];
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) {
    text += piece;
  }
  return text;
}
