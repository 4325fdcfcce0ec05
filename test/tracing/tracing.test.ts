import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { recorded } from '../../src/jobs/record.js';
import { openProject, type Project } from '../../src/open.js';
import { buildApp } from '../../src/serve/app.js';
import { openTracing } from '../../src/tracing/open.js';
import type { Tracing } from '../../src/tracing/tracing.js';
import { cleanUp, newProject } from '../jobs/project.js';
import { ROW, servingOf, trainedModel } from '../serve/parts.js';

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status: { code?: number };
  attributes: { key: string; value: Record<string, unknown> }[];
}

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const KEY = 'a-key-that-nobody-may-see';
const USER = 'user-4711';

describe('traces', () => {
  let collector: Server;
  let bodies: string[];
  let tracing: Tracing;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    bodies = [];
    collector = createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) {
        text += piece;
      }
      assert.equal(request.url, '/v1/traces');
      bodies.push(text);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const { port } = collector.address() as { port: number };
    environment = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
    Object.assign(process.env, environment, { OTEL_SERVICE_NAME: 'churn-test' });
    tracing = (await openTracing(environment)) as Tracing;
  });
  after(async () => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    collector.close();
    await cleanUp();
  });

  const spans = () =>
    bodies.flatMap((body) =>
      JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: OtlpSpan[] }[] }) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
      ),
    ) as OtlpSpan[];

  it('are off unless the environment says where to', async () => {
    assert.equal(await openTracing({}), null);
    assert.equal(await openTracing({ ...environment, OTEL_SDK_DISABLED: 'true' }), null);
  });

  it("tell of requests and jobs, under their callers' spans, and never a feature, a user or a key", async () => {
    const lines: string[] = [];
    const sha256 = createHash('sha256').update(KEY).digest('hex');
    const scopes = ['predict', 'read', 'admin'];
    const serving = servingOf({
      model: await trainedModel(),
      settings: {
        auth: 'required',
        keys: [{ name: 'caller', sha256, scopes }],
        log_level: 'debug',
      } as never,
    });
    serving.tracing = tracing;
    const app = buildApp(serving, {
      logLines: { write: (line) => void lines.push(line), flush: () => undefined },
    });
    const headers = { 'x-api-key': KEY, traceparent: PARENT };
    const features = { ...ROW, watch_minutes_30d: 98765.4321 };
    const scored = await app.inject({
      method: 'POST',
      url: '/predict',
      headers,
      payload: { user_id: USER, features },
    });
    assert.equal(scored.statusCode, 200);
    await app.inject({ url: `/users/${USER}/churn`, headers: { ...headers, traceparent: 'odd' } });
    await app.inject({ method: 'POST', url: '/admin/retrain', headers, payload: { reason: USER } });
    await app.inject({ method: 'POST', url: '/predict', headers: { 'x-api-key': 'wrong' }, payload: {} });
    await app.inject('/live');
    await app.close();

    const base = await newProject();
    const project: Project = await openProject(base, {
      environment: { ...environment, TRACEPARENT: PARENT },
    });
    await recorded(project, { command: 'drift' }, async (run) => {
      await recorded(project, { command: 'decide', parent: run }, async () => ({ value: 1 }));
      return { value: 1, status: 'attention' };
    });
    await assert.rejects(
      recorded(project, { command: 'score' }, async () => {
        throw new Error(`${USER} has 98765.4321 minutes`);
      }),
    );
    await project.close();
    await tracing.close();

    const found = spans();
    const named = (name: string) => found.filter((span) => span.name === name);
    assert.deepEqual(found.map(({ name }) => name).sort(), [
      'GET /users/:id/churn',
      'POST /admin/retrain',
      'POST /predict',
      'POST /predict',
      'job decide',
      'job drift',
      'job score',
    ]);
    const [, traceId, parentId] = PARENT.split('-');
    const predicted = named('POST /predict').find((span) => span.parentSpanId === parentId) as OtlpSpan;
    assert.deepEqual([predicted.traceId, predicted.kind], [traceId, 2]);
    assert.deepEqual(
      Object.fromEntries(predicted.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
      {
        'http.request.method': 'POST',
        'http.route': '/predict',
        'http.response.status_code': 200,
      },
    );
    const [user] = named('GET /users/:id/churn');
    assert.ok(user.traceId !== traceId && !user.parentSpanId, 'what is no traceparent begins a trace');
    const [drift, decide, score] = ['drift', 'decide', 'score'].map((job) => named(`job ${job}`)[0]);
    assert.deepEqual([drift.traceId, drift.parentSpanId], [traceId, parentId]);
    assert.equal(decide.parentSpanId, drift.spanId);
    assert.deepEqual([drift.status.code ?? 0, score.status.code], [0, 2]);

    assert.ok(bodies.join().includes('churn-test'));
    for (const secret of [KEY, USER, '98765', 'wrong', sha256]) {
      assert.ok(!bodies.join().includes(secret), `spans hold ${secret}`);
      assert.ok(secret === 'wrong' || !lines.join().includes(secret), `log lines hold ${secret}`);
    }
    const asked = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'retrain asked for');
    assert.equal(asked.trace_id, traceId);
    assert.ok(asked.request_id.length > 5);
    const completed = lines.map((line) => JSON.parse(line)).filter(({ res }) => res?.trace_id === traceId);
    assert.ok(completed.length >= 2);
  });
});
