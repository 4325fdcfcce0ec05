import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import type { History } from '../../src/history/history.js';
import { openSqliteHistory } from '../../src/history/sqlite/open.js';
import { METRICS_CONTENT_TYPE } from '../../src/metrics/index.js';
import { LATENCY_BUCKETS, REJECTIONS } from '../../src/metrics/requests.js';
import { buildApp } from '../../src/serve/app.js';
import type { LiveModel } from '../../src/serve/parts.js';
import { ROW, servingOf, trainedModel } from '../serve/parts.js';

let model: LiveModel;
before(async () => {
  model = await trainedModel();
});

async function historyFor(context: TestContext, clock: () => Date): Promise<History> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-metrics-'));
  const history = await openSqliteHistory({ path: join(folder, 'history.db'), clock });
  context.after(async () => {
    await history.close();
    await rm(folder, { recursive: true, force: true });
  });
  return history;
}

const sample = (text: string, name: string): number | null => {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
};

test("the contract's three: names, types and labels, at 0 before the first request", async () => {
  const serving = servingOf({ model });
  const app = buildApp(serving, { logLines: null });
  const first = await app.inject('/metrics');
  assert.equal(first.headers['content-type'], METRICS_CONTENT_TYPE);
  for (const line of [
    '# TYPE churn_api_requests_total counter',
    '# TYPE churn_api_request_latency_seconds histogram',
    '# TYPE churn_api_predictions_total counter',
    'churn_api_requests_total{method="POST",path="/predict",status="200"} 0',
    'churn_api_requests_total{method="POST",path="/predict",status="500"} 0',
    'churn_api_request_latency_seconds_bucket{le="1",method="POST",path="/predict"} 0',
    'churn_api_predictions_total 0',
    ...REJECTIONS.map((reason) => `churn_api_requests_rejected_total{reason="${reason}"} 0`),
    'churn_model_reloads_total{outcome="swapped"} 0',
    'churn_feature_unseen_total{feature="plan"} 0',
    'churn_model_info{name="churn",version="20260131-test",alias="champion",trainer="xgboost"} 1',
    `churn_model_trained_timestamp_seconds ${Date.parse('2026-01-31') / 1000}`,
    'churn_model_measure{measure="pr_auc"} 0.5',
    'churn_model_loaded 1',
    'churn_api_requests_in_flight 1',
    'churn_prediction_log_dropped_total 0',
  ]) {
    assert.ok(first.body.includes(`${line}\n`), line);
  }
});

test('requests, latency, predictions and scores are counted when a request has ended', async () => {
  const serving = servingOf({ model });
  const app = buildApp(serving, { logLines: null });
  const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });
  await post('/predict', { user_id: 1, features: ROW });
  await post('/predict', { user_id: 1, features: {} });
  await post('/predict/batch', { rows: Array(40).fill({ features: ROW }) });
  await app.inject({ method: 'PROPFIND' as 'GET', url: '/predict' });
  const text = await serving.scrape();
  assert.equal(sample(text, 'churn_api_requests_total{method="POST",path="/predict",status="200"}'), 1);
  assert.equal(sample(text, 'churn_api_requests_total{method="POST",path="/predict",status="400"}'), 1);
  assert.equal(sample(text, 'churn_api_requests_total{method="POST",path="/predict/batch",status="200"}'), 1);
  assert.match(text, /requests_total\{method="OTHER",path="<unmatched>",status="404"\} 1\n/);
  assert.equal(sample(text, 'churn_api_request_latency_seconds_count{method="POST",path="/predict"}'), 2);
  assert.equal(sample(text, 'churn_api_predictions_total'), 41);
  assert.equal(sample(text, 'churn_prediction_score_count'), 41);
  assert.equal(sample(text, 'churn_prediction_score_bucket{le="+Inf"}'), 41);
  assert.equal(sample(text, 'churn_prediction_score_bucket{le="1"}'), 41);
  assert.equal(sample(text, 'churn_api_requests_rejected_total{reason="invalid"}'), 1);
  const mean = (sample(text, 'churn_prediction_score_sum') ?? 0) / 41;
  assert.ok(Math.abs(mean - serving.log.entries[0].probability) < 1e-6);
  assert.equal(sample(await serving.scrape(), 'churn_api_predictions_total'), 41);
});

test('counts of values outlive a swap, also to a version with other features', async () => {
  const serving = servingOf({ model });
  const app = buildApp(serving, { logLines: null });
  const ask = (features: object) =>
    app.inject({ method: 'POST', url: '/predict', payload: { user_id: 1, features } });
  await ask({ ...ROW, country: null });
  const other = await trainedModel('next', [
    { name: 'active_days_7d', type: 'number' },
    { name: 'country', type: 'category', categories: ['DE'] },
  ]);
  serving.holder.set(other);
  await ask({ active_days_7d: null, country: null });
  const text = await serving.scrape();
  assert.equal(sample(text, 'churn_feature_nulls_total{feature="country"}'), 2);
  assert.equal(sample(text, 'churn_feature_nulls_total{feature="active_days_7d"}'), 1);
  assert.equal(sample(text, 'churn_feature_nulls_total{feature="plan"}'), 0);
  assert.match(text, /churn_model_info\{[^}]*version="next"/);
  assert.doesNotMatch(text, /churn_model_info\{[^}]*version="20260131-test"/);
});

test('the results of batch jobs are read from history, and its loss does not stop a scrape', async (context) => {
  let now = Date.parse('2026-02-01T00:00:00Z');
  const clock = () => new Date(now);
  const history = await historyFor(context, clock);
  const ended = async (command: string, status: 'ok' | 'attention' | 'failed', result = {}) => {
    const run = await history.startRun({ command });
    await history.finishRun(run, { status, exit_code: 0, result });
    return run;
  };
  const run = await ended('drift', 'attention');
  await history.addReport({
    run,
    kind: 'drift',
    at: '2026-01-31',
    version: 'v',
    status: 'FAIL',
    body: { status: 'FAIL', overall_max_psi: 0.4, psi_by_feature: { plan: 0.4, gone: null } },
  });
  const body = {
    pr_auc: 0.41,
    roc_auc: null,
    log_loss: 0.2,
    brier: 0.1,
    sample_size: 900,
    positive_rate: 0.07,
    intervals: { pr_auc: [0.38, 0.44] },
  };
  await history.addReport({ run, kind: 'evaluation', at: '2026-01-31', version: 'v', status: 'ok', body });
  await history.addReport({
    run,
    kind: 'decision',
    at: '2026-01-31',
    version: 'v',
    status: 'retrain',
    body: {},
  });
  now += 60_000;
  await ended('score', 'failed');
  await ended('retrain', 'ok', { verdict: 'held' });

  let broken = false;
  const failing = {
    reports: (filter) => history.reports(filter),
    runs: (filter) => (broken ? Promise.reject(new Error('gone')) : history.runs(filter)),
  } as History;
  const serving = servingOf({ model, history: failing });
  const text = await serving.scrape();
  for (const [name, value] of [
    ['churn_drift_psi{feature="plan"}', 0.4],
    ['churn_drift_psi{feature="gone"}', null],
    ['churn_drift_psi_max', 0.4],
    ['churn_drift_status{status="FAIL"}', 1],
    ['churn_drift_status{status="OK"}', 0],
    ['churn_performance_measure{measure="pr_auc"}', 0.41],
    ['churn_performance_measure{measure="roc_auc"}', null],
    ['churn_performance_measure_low{measure="pr_auc"}', 0.38],
    ['churn_performance_measure_high{measure="pr_auc"}', 0.44],
    ['churn_performance_measure_high{measure="brier"}', null],
    ['churn_performance_info{version="v"}', 1],
    ['churn_drift_info{version="v"}', 1],
    ['churn_performance_sample_size', 900],
    ['churn_retrain_decision{status="retrain"}', 1],
    ['churn_retrain_verdict{status="held"}', 1],
    [
      'churn_monitor_last_success_timestamp_seconds{job_name="drift"}',
      Date.parse('2026-02-01T00:00:00Z') / 1000,
    ],
    ['churn_monitor_last_success_timestamp_seconds{job_name="score"}', 0],
    [
      'churn_monitor_last_completion_timestamp_seconds{job_name="score"}',
      Date.parse('2026-02-01T00:01:00Z') / 1000,
    ],
    ['churn_monitor_last_success_timestamp_seconds{job_name="evaluate"}', 0],
    ['churn_monitor_last_status{job_name="score",status="failed"}', 1],
    ['churn_monitor_history_readable', 1],
  ] as const) {
    assert.equal(sample(text, name), value, name);
  }
  broken = true;
  // Another server: the first one reads history once in ten seconds.
  const fresh = servingOf({ model, history: failing });
  const without = await fresh.scrape();
  assert.equal(sample(without, 'churn_monitor_history_readable'), 0);
  assert.equal(sample(without, 'churn_api_predictions_total'), 0);
});

test('labels come from closed sets', async () => {
  const serving = servingOf({ model });
  const app = buildApp(serving, { logLines: null });
  const wander = async (i: number) => {
    const features = { ...ROW, [`odd${i}`]: 1 };
    await app.inject(`/users/u${i}/churn`);
    await app.inject(`/wander/${i}`);
    await app.inject({ method: 'POST', url: '/predict', payload: { user_id: i, features } });
    const text = await serving.scrape();
    return text.split('\n').filter((line) => line.startsWith('churn_'));
  };
  const first = await wander(0);
  for (let i = 1; i < 49; i++) {
    await wander(i);
  }
  const last = await wander(49);
  assert.doesNotMatch(last.join('\n'), /u49|wander|odd/);
  assert.equal(last.length, first.length);
  assert.ok(LATENCY_BUCKETS.includes(1));
});
