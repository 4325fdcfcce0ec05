import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

/** Rooms from the foundation up, each with the rooms that it may import. `type:` allows types only. */
const ROOMS: [room: string, files: RegExp, mayImport: string[]][] = [
  ['kernel', /^(error|log|time|random|version|maths\/.*)\.ts$/, ['kernel']],
  ['files', /^files\.ts$/, ['kernel']],
  ['config', /^config\//, ['kernel', 'files', 'config']],
  ['postgres', /^postgres\//, ['kernel', 'postgres']],
  ['history', /^history\//, ['kernel', 'files', 'postgres', 'history']],
  ['monitor/profile', /^monitor\/profile\//, ['kernel', 'monitor/profile']],
  ['monitor/drift', /^monitor\/drift\//, ['kernel', 'monitor/profile', 'monitor/drift']],
  ['monitor/performance', /^monitor\/performance\//, ['kernel', 'monitor/profile', 'monitor/performance']],
  [
    'policy',
    /^policy\//,
    ['kernel', 'policy', 'type:monitor/drift', 'type:monitor/performance', 'type:history', 'type:config'],
  ],
  ['engine', /^data\/engine\//, ['kernel', 'files', 'engine']],
  ['synthetic', /^data\/synthetic\//, ['kernel', 'synthetic', 'type:engine']],
  [
    'data',
    /^data\//,
    ['kernel', 'files', 'config', 'postgres', 'engine', 'data', 'monitor/profile', 'type:history'],
  ],
  [
    'model',
    /^model\//,
    [
      'kernel',
      'files',
      'config',
      'type:engine',
      'engine',
      'model',
      'monitor/performance',
      'type:monitor/profile',
      'type:history',
    ],
  ],
  [
    'jobs',
    /^jobs\//,
    [
      'kernel',
      'files',
      'config',
      'data',
      'engine',
      'synthetic',
      'model',
      'monitor/profile',
      'monitor/drift',
      'monitor/performance',
      'policy',
      'history',
      'jobs',
      'type:notify',
      'type:open',
    ],
  ],
  ['tracing', /^tracing\//, ['kernel', 'tracing']],
  ['triggers', /^triggers\//, ['kernel', 'triggers', 'type:config', 'type:history']],
  ['notify', /^notify\//, ['kernel', 'config', 'notify', 'type:history', 'type:monitor/drift']],
  ['schedule', /^schedule\//, ['kernel', 'config', 'history', 'schedule']],
  [
    'metrics',
    /^metrics\//,
    ['kernel', 'metrics', 'type:monitor/drift', 'type:monitor/performance', 'type:history', 'type:model'],
  ],
  [
    'serve',
    /^serve\//,
    [
      'kernel',
      'files',
      'config',
      'engine',
      'data',
      'model',
      'monitor/profile',
      'monitor/drift',
      'history',
      'metrics',
      'triggers',
      'type:tracing',
      'serve',
      'type:jobs',
      'jobs',
      'type:open',
    ],
  ],
  ['library', /^index\.ts$/, ['kernel', 'monitor/profile', 'monitor/drift', 'monitor/performance']],
  [
    'open',
    /^open(-engine)?\.ts$/,
    [
      ...['kernel', 'files', 'config', 'data', 'engine', 'model', 'postgres', 'history', 'triggers'],
      ...['notify', 'tracing', 'open'],
    ],
  ],
  [
    'cli',
    /^cli\//,
    [
      'kernel',
      'files',
      'config',
      'data',
      'synthetic',
      'model',
      'monitor/profile',
      'monitor/drift',
      'monitor/performance',
      'policy',
      'postgres',
      'history',
      'jobs',
      'open',
      'type:notify',
      'schedule',
      'serve',
      'cli',
    ],
  ],
];

/** The files that may know an outside package. */
const PACKAGES: Record<string, RegExp> = {
  '@duckdb/node-bindings': /^data\/engine\/duckdb/,
  koffi: /^model\/trainer\//,
  'onnxruntime-node': /^model\/onnx\/session\.ts$/,
  protobufjs: /^model\/onnx\/proto\.ts$/,
  kysely: /^(history\/|postgres\/pool\.ts$)/,
  libsql: /^history\/sqlite\//,
  pg: /^postgres\/(pool|read)\.ts$/,
  'pg-copy-streams': /^postgres\/read\.ts$/,
  zod: /^config\//,
  yaml: /^config\/yaml\.ts$/,
  '@opentelemetry/api': /^tracing\/opentelemetry\.ts$/,
  '@opentelemetry/exporter-trace-otlp-http': /^tracing\/opentelemetry\.ts$/,
  '@opentelemetry/resources': /^tracing\/opentelemetry\.ts$/,
  '@opentelemetry/sdk-trace-base': /^tracing\/opentelemetry\.ts$/,
  '@kubernetes/client-node': /^triggers\/kubernetes/,
  croner: /^config\/cron\.ts$/,
  pino: /^cli\/scheduling\.ts$/,
  commander: /^cli\/program\.ts$/,
  fastify: /^serve\//,
  '@fastify/rate-limit': /^serve\/app\.ts$/,
  '@fastify/swagger': /^serve\/openapi/,
  '@fastify/swagger-ui': /^serve\/openapi/,
  'hyparquet-writer': /^serve\/prediction-log\//,
  'hyparquet-writer/src/datapage.js': /^serve\/prediction-log\/(chunks|segment)\.ts$/,
  'hyparquet-writer/src/encoding.js': /^serve\/prediction-log\/(chunks|segment)\.ts$/,
  'hyparquet-writer/src/metadata.js': /^serve\/prediction-log\/(chunks|segment)\.ts$/,
  'prom-client': /^(metrics|serve)\//,
  'cli-table3': /^cli\/output\.ts$/,
};

/** Rooms that run in a browser. */
const PURE = [
  'library',
  'kernel',
  'monitor/profile',
  'monitor/drift',
  'monitor/performance',
  'policy',
  'synthetic',
];

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const IMPORT = /(?:import|export)\s+(type\s+)?(?:[^'"();]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g;

const files = readdirSync('src', { recursive: true })
  .map((name) => String(name))
  .filter((name) => name.endsWith('.ts'));

const imports = files.flatMap((from): Import[] => {
  const text = readFileSync(join('src', from), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => ({
    from,
    to: match[2] ?? match[3],
    typeOnly: match[1] !== undefined || onlyTypes(match[0]),
  }));
});

/** `import { type A, type B } from`. */
function onlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/
    .exec(statement)?.[1]
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith('type '));
}

function roomOf(file: string): string {
  const room = ROOMS.find(([, pattern]) => pattern.test(file))?.[0];
  assert.ok(room, `${file} lies in no room of the table`);
  return room;
}

test('every file lies in a room', () => {
  assert.ok(files.length > 100);
  files.forEach(roomOf);
});

test('rooms import only what lies below them', () => {
  const wrong = imports
    .filter(({ to }) => to.startsWith('.'))
    .map((item) => ({
      ...item,
      target: relative('src', join('src', dirname(item.from), item.to)).replace(/\.js$/, '.ts'),
    }))
    .filter(({ target }) => files.includes(target))
    .filter(({ from, target, typeOnly }) => {
      const allowed = ROOMS.find(([room]) => room === roomOf(from))?.[2] ?? [];
      const room = roomOf(target);
      return !allowed.includes(room) && !(typeOnly && allowed.includes(`type:${room}`));
    })
    .map(({ from, target }) => `${from} -> ${target}`);
  assert.deepEqual(wrong, []);
});

test('every import of ours leads to a file', () => {
  const lost = imports
    .filter(({ to }) => to.startsWith('.'))
    .filter(
      ({ from, to }) =>
        !files.includes(relative('src', join('src', dirname(from), to)).replace(/\.js$/, '.ts')),
    )
    .map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(lost, []);
});

test('only adapters know outside packages', () => {
  const wrong = imports
    .filter(({ to }) => !to.startsWith('.') && !to.startsWith('node:'))
    .filter(({ from, to }) => !PACKAGES[to]?.test(from))
    .map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(wrong, []);
});

test('pure rooms use no Node, clock or chance', () => {
  const pure = files.filter((file) => PURE.includes(roomOf(file)) && file !== 'version.ts');
  const wrong = pure.filter((file) => {
    const text = readFileSync(join('src', file), 'utf8');
    return /from 'node:|Date\.now\(|new Date\(\)|Math\.random\(|\bprocess\./.test(text);
  });
  assert.deepEqual(wrong, []);
});

test('the configuration is loaded by the command line only', () => {
  const loaders = imports
    .filter(({ to, typeOnly }) => to.endsWith('config/load.js') && !typeOnly)
    .map(({ from }) => from);
  assert.deepEqual(
    loaders.filter((file) => !file.startsWith('cli/')),
    [],
  );
});

test('the clock is read in open.ts only', () => {
  const wrong = files.filter(
    (file) => file !== 'open.ts' && /new Date\(\)|Date\.now\(/.test(readFileSync(join('src', file), 'utf8')),
  );
  assert.deepEqual(wrong, []);
});
