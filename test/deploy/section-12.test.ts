import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { requirePrometheus } from '../servers/prometheus.js';
import { seriesIn } from './exported-series.js';

/** The described system's alerts as it writes them, for users who keep theirs. */
const THEIRS = `
groups:
  - name: churn_api_alerts
    rules:
      - alert: HighErrorRate
        expr: rate(churn_api_requests_total{status=~"5.."}[5m]) > 0.05
        for: 5m
        labels:
          severity: critical
      - alert: HighLatency
        expr: histogram_quantile(0.95, rate(churn_api_request_latency_seconds_bucket[5m])) > 1.0
        for: 5m
        labels:
          severity: warning
      - alert: DataDriftDetected
        expr: kube_job_status_failed{job_name=~"churn-drift-.*"} > 0
        for: 1m
        labels:
          severity: warning
`;

const API = 'job="churn-api",method="POST",path="/predict"';

const CASES = {
  rule_files: ['theirs.yaml'],
  evaluation_interval: '1m',
  tests: [
    {
      interval: '1m',
      input_series: [
        { series: `churn_api_requests_total{${API},status="500"}`, values: '0+6x30' },
        { series: `churn_api_request_latency_seconds_bucket{${API},le="1"}`, values: '0x30' },
        { series: `churn_api_request_latency_seconds_bucket{${API},le="2.5"}`, values: '0+60x30' },
        { series: `churn_api_request_latency_seconds_bucket{${API},le="+Inf"}`, values: '0+60x30' },
        { series: 'kube_job_status_failed{job_name="churn-drift-daily-29"}', values: '1x30' },
      ],
      alert_rule_test: [
        [
          'HighErrorRate',
          { severity: 'critical', job: 'churn-api', method: 'POST', path: '/predict', status: '500' },
        ],
        ['HighLatency', { severity: 'warning', job: 'churn-api', method: 'POST', path: '/predict' }],
        ['DataDriftDetected', { severity: 'warning', job_name: 'churn-drift-daily-29' }],
      ].map(([alertname, exp_labels]) => ({ eval_time: '20m', alertname, exp_alerts: [{ exp_labels }] })),
    },
  ],
};

before(requirePrometheus);

test("the described system's own alerts, pasted unchanged, fire on our series", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'churn-theirs-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'theirs.yaml'), THEIRS);
  await writeFile(join(folder, 'cases.yaml'), JSON.stringify(CASES));
  await promisify(execFile)('promtool', ['test', 'rules', join(folder, 'cases.yaml')]);
});

test('names of series are found in queries as they are written', () => {
  assert.deepEqual(
    seriesIn('sum by (namespace) (rate(churn_api_requests_total{status="churn_x"}[5m])) / up{a="b"}'),
    ['churn_api_requests_total', 'up'],
  );
});
