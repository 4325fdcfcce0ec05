import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type LoadedConfig, loadConfig } from '../../src/config/load.js';
import { commandProblem } from './command-line.js';
import {
  type Container,
  containersOf,
  type Manifest,
  named,
  OVERLAYS,
  type Overlay,
  parseManifests,
  podsOf,
  render,
} from './manifests.js';
import { brokenRules } from './pod-security.js';
import { type ManifestJudge, manifestJudge } from './schemas.js';
import { kustomizeBuild } from './tools.js';

const NAMESPACE = 'churn-mlops';
const rendered = {} as Record<Overlay, Manifest[]>;
let judge: ManifestJudge;
let secrets: Manifest[];

before(async () => {
  judge = await manifestJudge();
  secrets = parseManifests(await readFile('deploy/kubernetes/secrets.example.yaml', 'utf8'));
  for (const overlay of OVERLAYS) {
    rendered[overlay] = await render(overlay);
  }
});

test('every manifest is valid by the schemas that Kubernetes and prometheus-operator publish', () => {
  for (const manifests of [...OVERLAYS.map((overlay) => rendered[overlay]), secrets]) {
    assert.deepEqual(manifests.flatMap(judge), []);
  }
});

test('the judge refuses unknown fields, wrong types and versions that are gone', () => {
  const job = () => structuredClone(named(rendered.dev, 'CronJob', 'churn-drift-daily'));
  const broken: [string, (manifest: Manifest) => void][] = [
    ['additional properties', (one) => (one.spec.jobTemplate.spec.retries = 2)],
    ['must be integer', (one) => (one.spec.startingDeadlineSeconds = 'soon')],
    ['required property', (one) => delete one.spec.schedule],
    ['served by no version', (one) => (one.apiVersion = 'batch/v1beta1')],
  ];
  for (const [says, change] of broken) {
    const manifest = job();
    change(manifest);
    assert.match(judge(manifest).join('\n'), new RegExp(says));
  }
});

test('every pod keeps to the restricted profile and has a read-only root file system', () => {
  for (const overlay of OVERLAYS) {
    const pods = podsOf(rendered[overlay]);
    assert.equal(pods.length, 4);
    assert.deepEqual(pods.flatMap(brokenRules), []);
  }
  const [pod] = structuredClone(podsOf(rendered.dev));
  pod.spec.hostNetwork = true;
  pod.spec.volumes?.push({ name: 'node', hostPath: { path: '/' } });
  pod.spec.securityContext = {};
  pod.spec.containers[0].securityContext = { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } };
  assert.equal(brokenRules(pod).length, 8);
});

test('the namespace enforces that profile', () => {
  for (const overlay of OVERLAYS) {
    const { labels } = named(rendered[overlay], 'Namespace', NAMESPACE).metadata;
    for (const mode of ['enforce', 'audit', 'warn']) {
      assert.equal(labels?.[`pod-security.kubernetes.io/${mode}`], 'restricted');
    }
  }
});

test("names, schedules and port are the contract's, and short enough", () => {
  for (const overlay of OVERLAYS) {
    const manifests = rendered[overlay];
    const schedules = manifests
      .filter(({ kind }) => kind === 'CronJob')
      .map(({ metadata, spec }) => [metadata.name, spec.schedule, spec.timeZone]);
    assert.deepEqual(Object.fromEntries(schedules.map(([name, ...rest]) => [name, rest])), {
      'churn-drift-daily': ['0 1 * * *', 'Etc/UTC'],
      'churn-score-daily': ['0 2 * * *', 'Etc/UTC'],
      'churn-retrain-weekly': ['0 3 * * 0', 'Etc/UTC'],
    });
    named(manifests, 'Deployment', 'churn-api');
    assert.deepEqual(named(manifests, 'Service', 'churn-api').spec.ports, [
      { name: 'http', port: 8000, targetPort: 'http' },
    ]);
    for (const { kind, metadata } of manifests) {
      assert.ok(metadata.name.length <= 52, metadata.name);
      assert.equal(metadata.namespace, kind === 'Namespace' ? undefined : NAMESPACE, metadata.name);
    }
  }
});

test('a CronJob never overlaps, never hangs, and tells drift from a crash', () => {
  for (const overlay of OVERLAYS) {
    for (const { metadata, spec } of rendered[overlay].filter(({ kind }) => kind === 'CronJob')) {
      assert.equal(spec.concurrencyPolicy, 'Forbid');
      assert.equal(spec.suspend, false);
      assert.ok(spec.startingDeadlineSeconds >= 60);
      const job = spec.jobTemplate.spec;
      assert.ok(job.activeDeadlineSeconds > 0 && job.backoffLimit > 0);
      assert.ok(job.ttlSecondsAfterFinished > 7 * 86_400, 'a failed weekly Job lives until the next one');
      assert.equal(job.template.spec.restartPolicy, 'Never');
      const [answer, refusal, disruption] = job.podFailurePolicy.rules;
      assert.deepEqual(answer, { action: 'FailJob', onExitCodes: { operator: 'In', values: [2] } });
      assert.equal(refusal.action, 'FailJob');
      for (const retried of [0, 1, 3, 74, 134, 137, 143]) {
        assert.ok(!refusal.onExitCodes.values.includes(retried), `${metadata.name}: ${retried}`);
      }
      assert.equal(disruption.action, 'Ignore');
    }
  }
});

test('a Job made by `kubectl create job --from=cronjob/churn-retrain-weekly` is a valid one', () => {
  for (const overlay of OVERLAYS) {
    const { apiVersion, metadata, spec } = named(rendered[overlay], 'CronJob', 'churn-retrain-weekly');
    const owner = { apiVersion, kind: 'CronJob', name: metadata.name, uid: 'of-the-cluster' };
    assert.deepEqual(
      judge({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {
          ...spec.jobTemplate.metadata,
          name: 'retrain-manual-1764115200',
          namespace: NAMESPACE,
          annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
          ownerReferences: [owner],
        },
        spec: spec.jobTemplate.spec,
      }),
      [],
    );
  }
});

test('the overlay that docs/kubernetes.md shows renders, with its images and its configuration', async (t) => {
  const page = await readFile('docs/kubernetes.md', 'utf8');
  const [, shown] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  // Beside deploy/, as the page has it.
  const folder = await mkdtemp('my-cluster.tmp-');
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'kustomization.yaml'), shown);
  await writeFile(join(folder, 'churn.yaml'), 'drift: { fail: 0.3 }\n');
  const manifests = parseManifests(await kustomizeBuild(folder));
  assert.deepEqual(manifests.flatMap(judge), []);
  const containers = podsOf(manifests).flatMap(containersOf);
  assert.ok(containers.every(({ image }) => /^REGISTRY\/churn-mlops\/(serve|work):\d/.test(image)));
  const configs = manifests.filter(({ kind, data }) => kind === 'ConfigMap' && data['churn.yaml']);
  assert.deepEqual(
    configs.map(({ data }) => data['churn.yaml']),
    ['drift: { fail: 0.3 }\n'],
  );
});

test('every container runs one verb of the command line without a shell', () => {
  for (const overlay of OVERLAYS) {
    const containers = podsOf(rendered[overlay]).flatMap(containersOf);
    for (const { name, command, args } of containers) {
      assert.deepEqual(command, ['node', '/app/bin/churn-mlops.js'], name);
      assert.equal(commandProblem(args ?? []), null, name);
      assert.equal(args?.[0], name === 'api' ? 'serve' : name);
    }
    for (const job of ['drift', 'evaluate']) {
      const { args } = containers.find(({ name }) => name === job) as Container;
      assert.match((args ?? []).join(' '), /--insufficient ok/);
    }
  }
  assert.match(commandProblem(['drift', '--retry']) ?? '', /drift has no --retry/);
  assert.match(commandProblem(['watch']) ?? '', /no command is called watch/);
});

test('whatever a manifest refers to exists: ConfigMaps, Secrets and their keys, claims, accounts, roles', () => {
  for (const overlay of OVERLAYS) {
    const manifests = rendered[overlay];
    const known = new Set(
      [...manifests, ...secrets].flatMap(({ kind, metadata, data, stringData }) => [
        `${kind} ${metadata.name}`,
        ...Object.keys({ ...data, ...stringData }).map((key) => `${kind} ${metadata.name} ${key}`),
      ]),
    );
    const needed = podsOf(manifests).flatMap((pod) => [
      `ServiceAccount ${pod.spec.serviceAccountName}`,
      ...(pod.spec.volumes ?? []).flatMap(
        ({ configMap, persistentVolumeClaim, secret }: Manifest['spec']) => [
          ...(configMap ? [`ConfigMap ${configMap.name}`] : []),
          ...(persistentVolumeClaim ? [`PersistentVolumeClaim ${persistentVolumeClaim.claimName}`] : []),
          ...(secret ? [`Secret ${secret.secretName}`] : []),
        ],
      ),
      ...containersOf(pod).flatMap(({ env }) =>
        (env ?? []).flatMap(({ valueFrom }) =>
          valueFrom?.secretKeyRef
            ? [`Secret ${valueFrom.secretKeyRef.name} ${valueFrom.secretKeyRef.key}`]
            : [],
        ),
      ),
    ]);
    const bindings = manifests.filter(({ kind }) => kind === 'RoleBinding');
    needed.push(
      ...bindings.flatMap(({ roleRef, subjects }) => [
        `${roleRef.kind} ${roleRef.name}`,
        ...subjects.map((one: { kind: string; name: string }) => `${one.kind} ${one.name}`),
      ]),
    );
    assert.deepEqual(
      needed.filter((one) => !known.has(one)),
      [],
    );
    for (const pod of podsOf(manifests)) {
      const volumes = new Set((pod.spec.volumes ?? []).map(({ name }) => name));
      for (const mount of containersOf(pod).flatMap(({ volumeMounts }) => volumeMounts ?? [])) {
        assert.ok(volumes.has(mount.name), `${pod.owner}: ${mount.name}`);
      }
    }
  }
});

test('Alertmanager reaches the Service by its name, with a token that exists', () => {
  const { receivers } = named(rendered.prod, 'AlertmanagerConfig').spec;
  const [webhook] = receivers.find(({ name }: { name: string }) => name === 'retrain').webhookConfigs;
  const { metadata, spec } = named(rendered.prod, 'Service');
  assert.equal(
    webhook.url,
    `http://${metadata.name}.${metadata.namespace}.svc:${spec.ports[0].port}/hooks/alertmanager`,
  );
  const { name, key } = webhook.httpConfig.authorization.credentials;
  assert.ok(named(secrets, 'Secret', name).stringData[key]);
});

test('prometheus-operator finds what it is to find: the label of its release', () => {
  const labelled = rendered.prod.filter(({ metadata }) => metadata.labels?.release !== undefined);
  assert.deepEqual(labelled.map(({ kind }) => kind).sort(), ['PrometheusRule', 'ServiceMonitor']);
});

test('every selector finds what it is for', () => {
  for (const overlay of OVERLAYS) {
    const manifests = rendered[overlay];
    const pods = podsOf(manifests);
    const found = (selector: Record<string, string>) =>
      pods
        .filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value))
        .map(({ owner }) => owner);
    const api = ['Deployment churn-api'];
    assert.deepEqual(found(named(manifests, 'Service', 'churn-api').spec.selector), api);
    assert.deepEqual(found(named(manifests, 'Deployment').spec.selector.matchLabels), api);
    const spread = podsOf(manifests)[0].spec.topologySpreadConstraints as Manifest['spec'][];
    for (const { labelSelector } of spread) {
      assert.deepEqual(found(labelSelector.matchLabels), api);
    }
    const policy = (name: string) =>
      found(named(manifests, 'NetworkPolicy', name).spec.podSelector.matchLabels ?? {});
    assert.deepEqual(policy('churn-api'), api);
    assert.equal(policy('churn-jobs').length, 3);
    assert.equal(policy('churn-default-deny').length, 4);
    if (overlay === 'prod') {
      assert.deepEqual(found(named(manifests, 'PodDisruptionBudget').spec.selector.matchLabels), api);
      const { matchLabels } = named(manifests, 'ServiceMonitor').spec.selector;
      const { labels } = named(manifests, 'Service').metadata;
      assert.ok(Object.entries(matchLabels).every(([key, value]) => labels?.[key] === value));
      const target = named(manifests, 'HorizontalPodAutoscaler').spec.scaleTargetRef;
      assert.deepEqual(target, { apiVersion: 'apps/v1', kind: 'Deployment', name: 'churn-api' });
    }
  }
});

test('probes ask routes that are there, and liveness depends on nothing', () => {
  const [container] = podsOf(rendered.prod)[0].spec.containers;
  const path = (probe: string) => (container[probe] as { httpGet: { path: string } }).httpGet.path;
  assert.deepEqual(
    ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => path(probe)),
    ['/live', '/live', '/ready'],
  );
});

test('memory is bounded and promised: requests equal limits', () => {
  for (const { name, resources } of podsOf(rendered.prod).flatMap(containersOf)) {
    assert.ok(resources?.limits?.memory, name);
    assert.equal(resources.requests?.memory, resources.limits.memory);
    assert.ok(resources.requests?.cpu, name);
  }
});

test('the API may read the retrain CronJob and create Jobs, and nothing else may do anything', () => {
  for (const overlay of OVERLAYS) {
    const manifests = rendered[overlay];
    assert.deepEqual(named(manifests, 'Role').rules, [
      {
        apiGroups: ['batch'],
        resources: ['cronjobs'],
        resourceNames: ['churn-retrain-weekly'],
        verbs: ['get'],
      },
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] },
    ]);
    assert.ok(!manifests.some(({ kind }) => kind.startsWith('ClusterRole')));
    const [{ name }] = named(manifests, 'RoleBinding').subjects;
    const holders = podsOf(manifests).filter(({ spec }) => spec.automountServiceAccountToken === true);
    assert.deepEqual(
      holders.map(({ spec }) => spec.serviceAccountName),
      [name],
    );
  }
});

test('dev is one replica with SQLite, prod several with PostgreSQL on a volume that all can mount', async () => {
  const dev = rendered.dev;
  assert.equal(named(dev, 'Deployment').spec.replicas, 1);
  assert.deepEqual(named(dev, 'Deployment').spec.strategy, { type: 'Recreate' });
  assert.ok(!dev.some(({ kind }) => ['HorizontalPodAutoscaler', 'PodDisruptionBudget'].includes(kind)));
  assert.deepEqual(named(dev, 'PersistentVolumeClaim').spec.accessModes, ['ReadWriteOnce']);
  const prod = rendered.prod;
  assert.equal(named(prod, 'Deployment').spec.replicas, undefined);
  assert.ok(named(prod, 'HorizontalPodAutoscaler').spec.minReplicas >= 2);
  assert.deepEqual(named(prod, 'PersistentVolumeClaim').spec.accessModes, ['ReadWriteMany']);
  for (const container of podsOf(prod).flatMap(containersOf)) {
    assert.ok(
      container.env?.some(({ name }) => name === 'CHURN_HISTORY_URL'),
      container.name,
    );
  }
});

test("the configuration of each pod is valid with the pod's variables, and writes only where it may", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'churn-deploy-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const overlay of OVERLAYS) {
    const config = rendered[overlay].find(
      ({ kind, metadata }) => kind === 'ConfigMap' && /^churn-config-/.test(metadata.name),
    );
    await writeFile(join(folder, 'churn.yaml'), config?.data['churn.yaml']);
    for (const pod of podsOf(rendered[overlay])) {
      for (const container of containersOf(pod)) {
        const loaded = await loadConfig({ folder, environment: environmentOf(container) });
        assertPaths(loaded, container);
      }
    }
  }
});

/** Values of Secrets are those of the example. */
function environmentOf({ env }: Container): NodeJS.ProcessEnv {
  return Object.fromEntries(
    (env ?? []).map(({ name, value, valueFrom }) => {
      const from = valueFrom?.secretKeyRef;
      return [name, from ? named(secrets, 'Secret', from.name).stringData[from.key] : value];
    }),
  );
}

function assertPaths({ config }: LoadedConfig, { volumeMounts, name }: Container): void {
  const writable = (volumeMounts ?? []).filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
  for (const path of [
    config.data,
    config.artifacts,
    config.engine.spill,
    config.serve.prediction_log.folder,
  ]) {
    assert.ok(
      writable.some((mount) => path.startsWith(`${mount}/`)),
      `${name} may not write ${path}`,
    );
  }
}
