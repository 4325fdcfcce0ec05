import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { triggersSchema } from '../../src/config/schedule.js';
import { kubernetesJobs } from '../../src/triggers/kubernetes.js';
import { jobName } from '../../src/triggers/kubernetes-job.js';
import { type StartJob, startTriggers } from '../../src/triggers/starter.js';
import { triggerEntry } from '../../src/triggers/trigger.js';
import { ask, startServe } from '../cli/run-cli.js';
import type { Manifest } from '../deploy/manifests.js';
import { cleanUp, newProject } from '../jobs/project.js';
import { type KubernetesApi, startKubernetesApi, TOKEN } from './kubernetes-api.js';

/** What a cluster holds after `kubectl apply -k deploy/kubernetes/overlays/prod`, shortened. */
const CRON_JOB: Manifest = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: {
    name: 'churn-retrain-weekly',
    namespace: 'churn-mlops',
    uid: '5a3a9f4e-6f0b-4a55-9e25-3a1e6f5d8c01',
    creationTimestamp: '2026-01-01T00:00:00Z',
  } as Manifest['metadata'],
  spec: {
    schedule: '0 3 * * 0',
    timeZone: 'Etc/UTC',
    concurrencyPolicy: 'Forbid',
    jobTemplate: {
      metadata: { labels: { 'app.kubernetes.io/component': 'job' } },
      spec: {
        backoffLimit: 2,
        activeDeadlineSeconds: 21600,
        podFailurePolicy: {
          rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [2] } }],
        },
        template: {
          metadata: { labels: { 'app.kubernetes.io/component': 'job' } },
          spec: {
            restartPolicy: 'Never',
            serviceAccountName: 'churn-jobs',
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: 'retrain',
                image: 'churn-mlops/work:1',
                command: ['node', '/app/bin/churn-mlops.js'],
                args: ['retrain', '--refresh', '--config', '/etc/churn-mlops/churn.yaml'],
                resources: { requests: { cpu: '500m', memory: '4Gi' }, limits: { memory: '4Gi' } },
                env: [
                  {
                    name: 'CHURN_HISTORY_URL',
                    valueFrom: { secretKeyRef: { name: 'churn-history', key: 'url' } },
                  },
                ],
              },
            ],
            volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '10Gi' } }],
          },
        },
      },
    },
  },
};

const silent = { info: () => undefined, error: () => undefined };

describe('Jobs in Kubernetes', () => {
  let api: KubernetesApi;
  let folder: string;
  let start: StartJob;

  before(async () => {
    api = await startKubernetesApi(CRON_JOB);
    folder = await mkdtemp(join(tmpdir(), 'churn-kube-'));
    process.env.KUBECONFIG = await api.kubeconfig(folder);
    start = kubernetesJobs(triggersSchema.parse({ runner: 'kubernetes' }));
  });
  after(async () => {
    await api.close();
    await rm(folder, { recursive: true, force: true });
    await cleanUp();
  });

  it('are made from the CronJob, once for a trigger, and are what Kubernetes takes', async () => {
    const both = await Promise.all([start('api:one'), start('api:one')]);
    assert.deepEqual(both.map(({ outcome }) => outcome).sort(), ['created', 'known']);
    assert.deepEqual(await start('api:one'), { name: null, outcome: 'known' });
    assert.deepEqual([...api.jobs.keys()], [jobName('api:one')]);
    const { metadata, spec } = api.jobs.get(jobName('api:one')) as Manifest;
    assert.ok(metadata.name.length <= 52);
    assert.deepEqual(metadata.labels, { 'app.kubernetes.io/component': 'job' });
    const [container] = spec.template.spec.containers;
    assert.deepEqual(container.args.slice(0, 3), ['retrain', '--if-needed', '--refresh']);
    const template = CRON_JOB.spec.jobTemplate.spec;
    // Everything else is the CronJob's, to the letter.
    container.args = template.template.spec.containers[0].args;
    assert.deepEqual(spec, template);
    const owners = (metadata as { ownerReferences?: object[] }).ownerReferences;
    assert.deepEqual(owners, [
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        name: 'churn-retrain-weekly',
        uid: '5a3a9f4e-6f0b-4a55-9e25-3a1e6f5d8c01',
      },
    ]);
  });

  it('are refused with what the API server says, and never with the token', async () => {
    api.failing = true;
    await assert.rejects(start('api:two'), (error: Error) => {
      assert.match(error.message, /a Job from the CronJob churn-mlops\/churn-retrain-weekly; got HTTP 500/);
      assert.doesNotMatch(error.message, /token-of/);
      return true;
    });
    api.failing = false;
    const wrong = kubernetesJobs(triggersSchema.parse({ runner: 'kubernetes', cronjob: 'other' }));
    await assert.rejects(wrong('api:two'), /HTTP 403: GET .* is forbidden/);
  });

  it('need a cluster: without one the server says so at its start', () => {
    const kubeconfig = process.env.KUBECONFIG;
    process.env.KUBECONFIG = join(folder, 'nothing');
    const code = { code: 'config.invalid', message: /a Kubernetes cluster.*; got/ };
    assert.throws(() => kubernetesJobs(triggersSchema.parse({ runner: 'kubernetes' })), code);
    process.env.KUBECONFIG = kubeconfig;
  });

  it('are started by a server for what it is asked', async () => {
    api.jobs.clear();
    const { root } = await newProject({ triggers: { runner: 'kubernetes' }, serve: { drain_seconds: 0 } });
    const server = await startServe(root);
    const { status, text } = await ask(`${server.url}/admin/retrain`, { reason: 'a test' });
    assert.equal(status, 202);
    const name = jobName(JSON.parse(text).key);
    for (let i = 0; i < 50 && !api.jobs.has(name); i++) {
      await sleep(100);
    }
    assert.ok(api.jobs.has(name), server.err());
    server.process.kill('SIGTERM');
    const { code, err } = await server.ended;
    assert.equal(code, 0);
    assert.doesNotMatch(err, new RegExp(TOKEN));
  });

  it('are made by any number of servers for each open trigger, also after the API server was away', async () => {
    const { history, clock } = await newProject();
    const options = { inbox: history, start, everyMilliseconds: 100, clock, log: silent };
    api.failing = true;
    api.jobs.clear();
    const servers = [1, 2, 3].map(() => startTriggers(options));
    const keys = ['a', 'b', 'c'];
    const body = { source: 'api', reason: null, caller: null } as const;
    await history.post(keys.map((key) => triggerEntry(key, body, clock())));
    servers[0].look();
    await sleep(300);
    assert.equal(api.jobs.size, 0);
    api.failing = false;
    await sleep(500);
    assert.deepEqual([...api.jobs.keys()].sort(), keys.map((key) => jobName(`api:${key}`)).sort());
    const asked = api.requests.length;
    await sleep(300);
    assert.equal(api.requests.length, asked, 'what is started is not asked for again');
    await Promise.all(servers.map((server) => server.close()));
  });
});
