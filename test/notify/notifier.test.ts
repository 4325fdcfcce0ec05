import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { notifySchema } from '../../src/config/notify.js';
import { openNotifier } from '../../src/notify/notifier.js';
import type { Project } from '../../src/open.js';
import { cleanUp, newProject } from '../jobs/project.js';

interface Received {
  path: string;
  body: Record<string, unknown>;
  authorization: string | undefined;
}

const SECRET = 'T0KEN-of-slack';

describe('notices', () => {
  let server: Server;
  let address: string;
  let received: Received[];
  /** Answers one after the other; 200 when there are none left; 0: no answer at all. */
  let answers: number[];
  let project: Project;

  beforeEach(async () => {
    [received, answers] = [[], []];
    server = createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) {
        text += piece;
      }
      const { url = '', headers } = request;
      received.push({ path: url, body: JSON.parse(text), authorization: headers.authorization });
      const status = answers.shift() ?? 200;
      if (status === 302) {
        response.setHeader('location', 'http://127.0.0.1:1/');
      }
      if (status > 0) {
        response.writeHead(status).end('no');
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    project = await newProject();
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
  });
  after(cleanUp);

  const problems: string[] = [];
  const lines: string[] = [];
  const notifier = (settings: object = {}) => {
    problems.length = 0;
    const opened = openNotifier({
      config: notifySchema.parse({
        webhook: { url: `${address}/hook`, token: 'secret-token' },
        timeout_seconds: 0.3,
        ...settings,
      }),
      history: project.history,
      clock: project.clock,
      write: (line) => void lines.push(line),
      onProblem: (message) => void problems.push(message),
      pauseMilliseconds: 5,
    });
    assert.ok(opened);
    return opened;
  };
  const drift = async (status: string, at: string) => {
    const run = await project.history.startRun({ command: 'drift' });
    const body = { overall_max_psi: 0.4, psi_by_feature: {} };
    await project.history.addReport({ run, kind: 'drift', at, version: 'v1', status, body });
    return { command: 'drift', run, failed: null };
  };
  const texts = () => received.map(({ body }) => `${body.event} ${body.state}`);

  it('tell drift once when it comes and once when it goes, whatever happens in between', async () => {
    const told = notifier();
    const days: [string, string][] = [
      ['OK', '2026-01-01'],
      ['FAIL', '2026-01-02'],
      ['FAIL', '2026-01-03'],
      ['WARN', '2026-01-04'],
      ['INSUFFICIENT', '2026-01-05'],
      ['FAIL', '2026-01-06'],
      ['OK', '2026-01-07'],
      ['OK', '2026-01-08'],
      ['FAIL', '2026-01-09'],
    ];
    for (const [status, at] of days) {
      await told.jobEnded(await drift(status, at));
    }
    assert.deepEqual(texts(), ['drift FAIL', 'drift OK', 'drift FAIL']);
    assert.deepEqual(received[0].body.text, 'Drift on 2026-01-02 against v1; the largest PSI is 0.400.');
    assert.equal(received[0].authorization, 'Bearer secret-token');
    await told.jobEnded(await drift('FAIL', '2025-06-01'));
    assert.equal(received.length, 3, 'a replay of the past is no news');
  });

  it('are sent once by many processes at the same time', async () => {
    const job = await drift('FAIL', '2026-01-02');
    await Promise.all(Array.from({ length: 8 }, () => notifier().jobEnded(job)));
    await notifier().jobEnded(job);
    assert.deepEqual(texts(), ['drift FAIL']);
  });

  it('tell a failure once until the job works again', async () => {
    const told = notifier({ slack: { url: `${address}/${SECRET}` }, log: true });
    const run = await project.history.startRun({ command: 'score' });
    for (const failed of [null, 'disk <full>', 'disk full', null, null, 'again']) {
      await told.jobEnded({ command: 'score', run, failed });
    }
    const states = ['failure failed', 'failure works', 'failure failed'];
    assert.deepEqual(
      texts().filter((text) => text.startsWith('failure')),
      states,
    );
    const slack = received.filter(({ path }) => path === `/${SECRET}`);
    assert.deepEqual(slack.length, 3);
    assert.match(String(slack[0].body.text), /^`score` failed: disk &lt;full&gt;\n`churn-mlops explain /);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map(({ event, state }) => `${event} ${state}`),
      states,
    );
  });

  it('tell a needed retrain and a promotion, each once', async () => {
    const told = notifier();
    const { history } = project;
    const run = await history.startRun({ command: 'retrain' });
    const decide = (status: string, at: string) =>
      history.addReport({ run, kind: 'decision', at, version: null, status, body: { because: 'drift' } });
    const ended = () => told.jobEnded({ command: 'retrain', run, failed: null });
    await decide('retrain', '2026-01-02');
    await history.moveAlias({ run, alias: 'champion', from: null, to: 'v1', because: 'the first' });
    await ended();
    await ended();
    await decide('wait', '2026-01-03');
    await ended();
    await decide('retrain', '2026-01-04');
    await history.moveAlias({ run, alias: 'champion', from: 'v1', to: 'v2', because: 'better' });
    await ended();
    assert.deepEqual(received.map(({ body }) => body.event).sort(), [
      'decision',
      'decision',
      'promotion',
      'promotion',
    ]);
    const promotions = received.filter(({ body }) => body.event === 'promotion');
    assert.equal(promotions[1].body.text, 'v2 is the champion instead of v1: better');
  });

  it('are tried again, within a time limit; what fails is on record without a secret and fails no job', async () => {
    answers = [503, 0, 200];
    const told = notifier();
    await told.jobEnded(await drift('FAIL', '2026-01-02'));
    assert.equal(received.length, 3);
    const [sent] = await project.history.runs({ command: 'notify', limit: 1 });
    assert.deepEqual(
      [sent.status, (sent.result.deliveries as { attempts: number }[])[0].attempts],
      ['ok', 3],
    );
    answers = [500, 302, 0];
    await told.jobEnded(await drift('OK', '2026-01-03'));
    const [failed] = await project.history.runs({ command: 'notify', limit: 1 });
    assert.deepEqual([failed.status, failed.exit_code, failed.error?.code], ['failed', 74, 'io.failed']);
    assert.match(failed.error?.message ?? '', /^webhook: drift OK after \d+: no answer in time$/);
    assert.match(problems.join(), /a notice could not be sent to webhook/);
    const kept = JSON.stringify([failed, problems, await project.history.entries({ kind: 'notice' })]);
    assert.doesNotMatch(kept, /secret-token|127\.0\.0\.1/);
    await told.jobEnded(await drift('OK', '2026-01-04'));
    assert.equal(received.length, 6, 'given up: not sent with the next job');
  });

  it('that a killed process left open are sent by the next one', async () => {
    const job = await drift('FAIL', '2026-01-02');
    const { recordChanges } = await import('../../src/notify/changes.js');
    await recordChanges(project.history, job, project.clock());
    assert.equal(received.length, 0);
    await notifier().jobEnded(job);
    assert.deepEqual(texts(), ['drift FAIL']);
  });

  it('of events that nobody wants are not sent, and without a channel there are none', async () => {
    await notifier({ events: ['failure'] }).jobEnded(await drift('FAIL', '2026-01-02'));
    assert.equal(received.length, 0);
    const nobody = { config: notifySchema.parse({}), history: project.history, clock: project.clock };
    assert.equal(openNotifier({ ...nobody, write: () => undefined, onProblem: () => undefined }), null);
  });
});
