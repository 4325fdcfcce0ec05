/**
 * Single predictions (45 features, 200 trees, prediction log and metrics on) beside a bare Fastify server that echoes the
 * same body as JSON, in turn, loaded by autocannon in a process of its own; batches of 10,000 rows beside onnxruntime
 * alone, by the clock and by the processor time of all threads, while /metrics is read every second. At least 50 % of the
 * echo's throughput (60 % is the aim), less than 3 times its p99, and 80 % of onnxruntime are asked for.
 * Options: --seconds N (5), --repeats N (3), --connections N (32), --batches N (30), --json.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// @ts-expect-error: it has no types
import autocannon from 'autocannon';
import fastify from 'fastify';
import { loadConfig } from '../src/config/load.js';
import { serveSchema } from '../src/config/serve.js';
import { probabilityOf, uncalibrated } from '../src/model/calibrate.js';
import { encodingOf } from '../src/model/encode.js';
import { openSession } from '../src/model/onnx/session.js';
import { writeModel } from '../src/model/onnx/write.js';
import { type Bundle, MODEL_FILE } from '../src/model/registry/registry.js';
import { xgboostTrainer } from '../src/model/trainer/xgboost.js';
import { numericBins } from '../src/monitor/profile/bins.js';
import { profileOfValues, tableProfile } from '../src/monitor/profile/count.js';
import { openProject, type Project } from '../src/open.js';
import { random } from '../src/random.js';
import { listen } from '../src/serve/listen.js';
import { openServing } from '../src/serve/open.js';
import { runSelf } from './measuring/child.js';
import { inTemporaryFolder } from './measuring/places.js';
import { fixed, median, numberOption, progress, report, table } from './measuring/report.js';

const [FEATURES, TREES, ROWS, BATCH] = [45, 200, 20_000, 10_000];
const names = Array.from({ length: FEATURES }, (_, i) => `feature_number_${i}`);

/** Counts, skewed sums, nulls and a label that depends on some of them: the shape of user-days. */
function matrixOf(rows: number, seed: number): { values: Float32Array; labels: Uint8Array } {
  const chance = random(seed);
  const values = new Float32Array(rows * FEATURES);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const engagement = chance.normal();
    for (let column = 0; column < FEATURES; column++) {
      const value = 0.6 * engagement * (column % 3) + chance.normal();
      values[row * FEATURES + column] =
        column % 9 === 8 && value > 1.5
          ? Number.NaN
          : column % 2 === 0
            ? Math.round(4 * Math.exp(value / 2))
            : Math.round(value * 100) / 100;
    }
    labels[row] = chance.uniform() < 1 / (1 + Math.exp(2.2 + 1.2 * engagement)) ? 1 : 0;
  }
  return { values, labels };
}

function cellsOf(values: Float32Array, row: number): (number | null)[] {
  return Array.from(values.subarray(row * FEATURES, (row + 1) * FEATURES), (value) =>
    Number.isNaN(value) ? null : Math.round(value * 100) / 100,
  );
}

/** Trains, registers and promotes a version in a folder. */
async function prepare(folder: string): Promise<void> {
  await writeFile(join(folder, 'churn.yaml'), '{}\n');
  const { history, registry } = await projectIn(folder);
  const { values, labels } = matrixOf(ROWS, 1);
  const probe = { rows: 20, values: values.slice(0, 20 * FEATURES) };
  const { form, probeMargins } = await xgboostTrainer.train({
    fit: { columns: names, rows: ROWS, values, labels },
    validation: null,
    probe,
    rounds: TREES,
    earlyStoppingRounds: 0,
    seed: 1,
    threads: 2,
    parameters: { max_depth: 6, eta: 0.05 },
  });
  const encoding = encodingOf(names.map((name) => ({ name, type: 'number' })));
  const calibration = uncalibrated('benchmark');
  const columns = names.map((name, i) => {
    const column = Float64Array.from({ length: ROWS }, (_, row) => values[row * FEATURES + i]);
    return profileOfValues(name, numericBins(column), column);
  });
  const manifest = await registry.add(
    {
      model: writeModel({ form, calibration, encoding, metadata: {} }),
      profile: tableProfile(columns, null),
      golden: {
        features: names,
        rows: Array.from({ length: 20 }, (_, row) =>
          Array.from(values.subarray(row * FEATURES, (row + 1) * FEATURES), (value) =>
            Number.isNaN(value) ? null : value,
          ),
        ),
        probabilities: Array.from(probeMargins, (margin) => probabilityOf(margin, calibration)),
      },
      manifest: {
        at: '2026-01-31',
        trainer: 'xgboost',
        seed: 1,
        features: [...encoding.features],
      } as unknown as Bundle['manifest'],
    },
    new Date(),
  );
  const run = await history.startRun({ command: 'promote' });
  await history.moveAlias({ run, alias: 'champion', from: null, to: manifest.version, because: 'benchmark' });
  await history.close();
}

async function projectIn(folder: string): Promise<Project> {
  return openProject(await loadConfig({ folder, environment: {} }), { longLived: true });
}

/** The real server with the real parts; prints its URL. */
async function childServe(folder: string, recording: boolean): Promise<void> {
  const project = await projectIn(folder);
  const settings = serveSchema.parse({
    port: 0,
    drain_seconds: 0,
    prediction_log: { enabled: recording },
    live_drift: { enabled: recording },
  });
  const { serving } = await openServing(project, { settings, stop: null });
  const server = await listen(serving, {
    logLines: { write: () => undefined, flush: () => undefined },
    tls: null,
  });
  await serving.holder.start();
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.stdout.write(`${server.url}\n`);
}

/** What Fastify alone takes for the same body. */
async function childEcho(): Promise<void> {
  const app = fastify();
  app.post('/predict', (request, reply) => reply.send(request.body));
  process.stdout.write(`${await app.listen({ port: 0 })}\n`);
}

interface Load {
  perSecond: number;
  total: number;
  p99: number;
  p50: number;
  errors: number;
}

/** Requests for some seconds, or so many of them. */
type Extent = { duration: number } | { amount: number };

async function childLoad(url: string, file: string, extent: Extent, connections: number): Promise<void> {
  const bodies = (JSON.parse(await readFile(file, 'utf8')) as object[]).map((body) => JSON.stringify(body));
  const result = await autocannon({
    url,
    connections,
    ...extent,
    requests: bodies.map((body) => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })),
  });
  const { requests, latency, errors, non2xx } = result;
  const load: Load = {
    perSecond: requests.total / result.duration,
    total: requests.total,
    p99: latency.p99,
    p50: latency.p50,
    errors: errors + non2xx,
  };
  process.stdout.write(JSON.stringify(load));
}

interface Alone {
  /** Rows. */
  perSecond: number;
  /** Processor time of a batch, all threads. */
  milliseconds: number;
}

/** onnxruntime in a process that does nothing else. */
async function childOnnx(folder: string): Promise<void> {
  const { history, registry } = await projectIn(folder);
  const manifest = await registry.champion();
  if (manifest === null) {
    throw new Error('no champion');
  }
  const bytes = await readFile(join(registry.folder(manifest.version), MODEL_FILE));
  const session = await openSession(bytes, uncalibrated('benchmark'), FEATURES);
  const { values } = matrixOf(BATCH, 2);
  await session.scoreChunk(values, BATCH);
  const [started, used] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < 20; i++) {
    await session.scoreChunk(values, BATCH);
  }
  const alone: Alone = {
    perSecond: (20 * BATCH * 1000) / (performance.now() - started),
    milliseconds: millisecondsOf(process.cpuUsage(used)) / 20,
  };
  process.stdout.write(JSON.stringify(alone));
  await history.close();
}

function millisecondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

async function started(args: readonly string[]): Promise<{ process: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (piece: Buffer) => resolve(piece.toString().trim()));
    child.once('exit', () => reject(new Error(`${args[0]} ended before it listened`)));
  });
  return { process: child, url };
}

async function load(url: string, file: string, extent: Extent, connections: number): Promise<Load> {
  const { answer } = await runSelf<Load>(import.meta.url, [
    '--child',
    'load',
    url,
    file,
    JSON.stringify(extent),
    String(connections),
  ]);
  return answer;
}

/** Processor time that a server has used so far. */
async function usedBy(server: ChildProcess): Promise<number> {
  const answer = new Promise<NodeJS.CpuUsage>((resolve) => server.once('message', resolve));
  server.send('usage');
  return millisecondsOf(await answer);
}

interface BatchLoad extends Load {
  /** Processor time of a batch, all threads of the server. */
  milliseconds: number;
}

async function loadBatches(
  server: { process: ChildProcess; url: string },
  file: string,
  amount: number,
): Promise<BatchLoad> {
  const reading = setInterval(() => fetch(`${server.url}/metrics`).then((answer) => answer.text()), 1000);
  const before = await usedBy(server.process);
  const result = await load(`${server.url}/predict/batch`, file, { amount }, 3);
  const used = (await usedBy(server.process)) - before;
  clearInterval(reading);
  return { ...result, milliseconds: used / result.total };
}

interface Figures {
  single: { serve: Load; echo: Load }[];
  batch: { serve: BatchLoad; onnx: Alone; bare: BatchLoad }[];
  mixed: Load;
}

/** What is sent: 50 different rows one by one, and one batch. */
async function writeBodies(folder: string): Promise<{ one: string; many: string }> {
  const { values } = matrixOf(BATCH, 2);
  const one = join(folder, 'one.json');
  const many = join(folder, 'many.json');
  const featuresOf = (row: number) =>
    Object.fromEntries(cellsOf(values, row).map((cell, i) => [names[i], cell]));
  await writeFile(
    one,
    JSON.stringify(Array.from({ length: 50 }, (_, i) => ({ user_id: `user-${i}`, features: featuresOf(i) }))),
  );
  const rows = Array.from({ length: BATCH }, (_, row) => cellsOf(values, row));
  const columns = Object.fromEntries(names.map((name, i) => [name, rows.map((row) => row[i])]));
  await writeFile(many, JSON.stringify([{ columns }]));
  return { one, many };
}

async function measure(folder: string): Promise<Figures> {
  const [seconds, repeats] = [numberOption('seconds', 5), numberOption('repeats', 3)];
  const [connections, batches] = [numberOption('connections', 32), numberOption('batches', 30)];
  const extent = { duration: seconds };
  const { one, many } = await writeBodies(folder);
  const servers = [
    await started(['--child', 'serve', folder]),
    await started(['--child', 'echo']),
    await started(['--child', 'serve', folder, 'bare']),
  ];
  const [serve, echo] = servers.map(({ url }) => url);
  try {
    await load(`${serve}/predict`, one, { duration: 2 }, connections);
    await load(`${echo}/predict`, one, { duration: 2 }, connections);
    await loadBatches(servers[0], many, 10);
    await loadBatches(servers[2], many, 10);
    const figures: Figures = {
      single: [],
      batch: [],
      mixed: await load(`${serve}/predict`, one, { duration: 1 }, 1),
    };
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`${repeat + 1} of ${repeats}`);
      figures.single.push({
        echo: await load(`${echo}/predict`, one, extent, connections),
        serve: await load(`${serve}/predict`, one, extent, connections),
      });
      const { answer } = await runSelf<Alone>(import.meta.url, ['--child', 'onnx', folder]);
      figures.batch.push({
        onnx: answer,
        serve: await loadBatches(servers[0], many, batches),
        bare: await loadBatches(servers[2], many, batches),
      });
    }
    const beside = load(`${serve}/predict/batch`, many, extent, 1);
    figures.mixed = await load(`${serve}/predict`, one, extent, 1);
    await beside;
    return figures;
  } finally {
    for (const server of servers) {
      server.process.kill();
    }
  }
}

function show({ single, batch, mixed }: Figures): void {
  const of = (pick: (pair: Figures['single'][number]) => number) => median(single.map(pick));
  const [ours, echo] = [of((pair) => pair.serve.perSecond), of((pair) => pair.echo.perSecond)];
  const [oursP99, echoP99] = [of((pair) => pair.serve.p99), of((pair) => pair.echo.p99)];
  const batchRows = median(batch.map((pair) => pair.serve.perSecond)) * BATCH;
  const bareRows = median(batch.map((pair) => pair.bare.perSecond)) * BATCH;
  const onnxRows = median(batch.map((pair) => pair.onnx.perSecond));
  const [oursUsed, bareUsed, onnxUsed] = (['serve', 'bare', 'onnx'] as const).map((who) =>
    median(batch.map((pair) => pair[who].milliseconds)),
  );
  const errors = [...single.map((pair) => pair.serve.errors), ...batch.map((pair) => pair.serve.errors)];
  const document = {
    single: {
      per_second: ours,
      echo_per_second: echo,
      ratio: ours / echo,
      ratios: single.map((p) => p.serve.perSecond / p.echo.perSecond),
    },
    p99_ms: { ours: oursP99, echo: echoP99, ratio: oursP99 / echoP99 },
    batch: {
      rows_per_second: batchRows,
      onnxruntime: onnxRows,
      without_log_and_drift: bareRows,
      ratio: batchRows / onnxRows,
      ratios: batch.map((p) => (p.serve.perSecond * BATCH) / p.onnx.perSecond),
    },
    batch_processor_ms: {
      ours: oursUsed,
      onnxruntime: onnxUsed,
      without_log_and_drift: bareUsed,
      ratio: oursUsed / onnxUsed,
      ratios: batch.map((p) => p.serve.milliseconds / p.onnx.milliseconds),
    },
    single_beside_batches: mixed,
    errors: errors.reduce((sum, one) => sum + one, 0),
  };
  const row = (title: string, a: number, b: number, digits: number) => [
    title,
    fixed(a, digits),
    fixed(b, digits),
    fixed(a / b, 2),
  ];
  report(
    document,
    `${table(
      ['', 'serve', 'beside', 'ratio'],
      [
        row('single predictions a second, beside an echo', ours, echo, 0),
        row('their p99 in ms', oursP99, echoP99, 1),
        row('rows a second in batches of 10,000, beside onnxruntime', batchRows, onnxRows, 0),
        row('the same without prediction log and live drift', bareRows, onnxRows, 0),
        row('processor ms of such a batch', oursUsed, onnxUsed, 0),
        row('the same without prediction log and live drift', bareUsed, onnxUsed, 0),
      ],
    )}\n\nsingle requests while batches run: p50 ${mixed.p50} ms, p99 ${mixed.p99} ms; errors ${document.errors}`,
  );
}

const [, , flag, part, ...rest] = process.argv;
if (flag === '--child') {
  const parts: Record<string, () => Promise<void>> = {
    prepare: () => prepare(rest[0]).then(() => void writeBodies(rest[0])),
    serve: () => childServe(rest[0], rest[1] !== 'bare'),
    echo: () => childEcho(),
    load: () => childLoad(rest[0], rest[1], JSON.parse(rest[2]), Number(rest[3])),
    onnx: () => childOnnx(rest[0]),
  };
  await parts[part]();
} else {
  await inTemporaryFolder(async (folder) => {
    progress('training');
    await prepare(folder);
    show(await measure(folder));
  });
}
