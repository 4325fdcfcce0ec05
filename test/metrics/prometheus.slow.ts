import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '../../src/serve/listen.js';
import { ROW, servingOf, trainedModel } from '../serve/parts.js';
import { startPrometheus } from '../servers/prometheus.js';

/** The section's queries as they are written there, with a window that a short test fills; and ours. */
const QUERIES = [
  'rate(churn_api_requests_total[5m])',
  'rate(churn_api_requests_total{status=~"5.."}[5m])',
  'histogram_quantile(0.95, rate(churn_api_request_latency_seconds_bucket[5m]))',
  'rate(churn_api_predictions_total[5m])',
  'sum(rate(churn_api_requests_total{status=~"5.."}[5m])) / sum(rate(churn_api_requests_total[5m]))',
  'histogram_quantile(0.5, sum by (le) (rate(churn_prediction_score_bucket[5m])))',
  'time() - churn_model_trained_timestamp_seconds',
  'sum(churn_api_request_latency_seconds_bucket{le="0.25"})',
  'churn_model_info{alias="champion"}',
  'churn_api_requests_in_flight',
  'rate(churn_feature_nulls_total[5m])',
];

test("the contract's queries return data from a real Prometheus that scrapes the server", async (context) => {
  const serving = servingOf({ model: await trainedModel(), settings: { port: 0 } });
  const server = await listen(serving, { logLines: null, tls: null });
  const { query, stop } = await startPrometheus(
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: churn-api\n    static_configs: [{ targets: ["${new URL(server.url).host}"] }]\n`,
  );
  context.after(async () => {
    await stop();
    await server.stop();
  });
  const ends = Date.now() + 60_000;
  let missing = [...QUERIES];
  while (missing.length > 0) {
    assert.ok(Date.now() < ends, `no data from ${missing.join('; ')}`);
    for (let i = 0; i < 20; i++) {
      const features = i === 0 ? { ...ROW, plan: 3 } : ROW;
      await fetch(`${server.url}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: i, features }),
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const found = await Promise.all(missing.map(query));
    missing = missing.filter((_, i) => !found[i].some(({ value }) => Number.isFinite(Number(value[1]))));
  }
  const [rate] = await query('sum(rate(churn_api_requests_total{path="/predict",status="200"}[5m]))');
  assert.ok(Number(rate.value[1]) > 0);
  const [up] = await query('up{job="churn-api"}');
  assert.equal(up.value[1], '1');
  const [p95] = await query(
    'histogram_quantile(0.95, sum by (le) (rate(churn_api_request_latency_seconds_bucket{path="/predict"}[5m])))',
  );
  assert.ok(Number(p95.value[1]) < 1);
});
