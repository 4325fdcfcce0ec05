import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServe } from '../cli/run-cli.js';
import { call, championProject, cleanUp, QUICK, STORY, writeConfig } from '../jobs/project.js';
import { startPrometheus } from '../servers/prometheus.js';
import { dashboards, filledIn, queriesOf } from './dashboards.js';

after(cleanUp);

test('every query of both dashboards returns series from a real Prometheus that scrapes a real `churn-mlops serve`', async (t) => {
  const config = { ...QUICK, training: { trainer: 'linear' }, drift: { current_days: 7 } };
  const project = await championProject({ config });
  const { root } = project;
  await writeConfig(root, config);
  const run = async (allowed: number[], ...args: string[]) => {
    const { code, err } = await call(root, args);
    assert.ok(allowed.includes(code), `${args.join(' ')}: ${code} ${err}`);
  };
  await run([0], 'score', '--date', STORY.scored, '--at', STORY.scored);
  await run([0, 2], 'run', '--at', STORY.noticed);
  await run([0], 'evaluate', '--at', STORY.noticed);
  await run([2], 'drift', '--at', STORY.noticed);
  await run([0], 'retrain', '--if-needed', '--at', STORY.noticed);

  const { features } = await project.registry.find('champion');
  const server = await startServe(root);
  t.after(server.stop);
  const { url } = server;
  const prometheus = await startPrometheus(
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [
        {
          job_name: 'churn-api',
          static_configs: [{ targets: [new URL(url).host], labels: { namespace: 'churn-mlops' } }],
        },
      ],
    }),
  );
  t.after(prometheus.stop);

  const row = Object.fromEntries(features.map(({ name }) => [name, null]));
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  while (!(await fetch(`${url}/ready`)).ok) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  let missing = dashboards.flatMap(([file, dashboard]) =>
    queriesOf(dashboard).map(({ of, expr }) => ({ of: `${file}: ${of}`, query: filledIn(expr, '30s') })),
  );
  assert.ok(missing.length > 60);
  const ends = Date.now() + 90_000;
  while (missing.length > 0) {
    assert.ok(
      Date.now() < ends,
      `no series:\n${missing.map(({ of, query }) => `${of}: ${query}`).join('\n')}`,
    );
    assert.equal((await post('/predict', { user_id: 1, features: row })).status, 200);
    const rows = Array(500).fill({ features: row });
    assert.equal((await post('/predict/batch', { rows })).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const found = await Promise.all(missing.map(({ query }) => prometheus.query(query)));
    missing = missing.filter((_, i) => found[i].length === 0);
  }
});
