import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { LiveModel } from '../../../src/serve/parts.js';
import { FEATURES, ROW, type ServingFacts, trainedModel } from '../parts.js';
import { appOf as appWith } from './app.js';

let model: LiveModel;
before(async () => {
  model = await trainedModel();
});

const appOf = (facts: Partial<ServingFacts> = {}) => appWith({ model, ...facts });

test('the document has the features of the model that answers, and of the next after a swap', async () => {
  const { app, serving } = appOf();
  const first = (await app.inject('/openapi.json')).json();
  assert.equal(first.openapi, '3.1.0');
  const { ModelFeatures: features } = first.components.schemas;
  assert.deepEqual(
    features.required,
    FEATURES.map(({ name }) => name),
  );
  assert.deepEqual(features.properties.active_days_7d.type, ['number', 'boolean', 'null']);
  assert.deepEqual(features.properties.country.examples, ['AT', 'DE', 'IN']);
  const body = first.paths['/predict'].post.requestBody.content['application/json'];
  assert.deepEqual(body.schema.properties.features, { $ref: '#/components/schemas/ModelFeatures' });
  serving.holder.set(await trainedModel('20260301-next', FEATURES.slice(0, 2), 5));
  const second = (await app.inject('/openapi.json')).json();
  assert.deepEqual(Object.keys(second.components.schemas.ModelFeatures.properties), [
    'active_days_7d',
    'watch_minutes_30d',
  ]);
  assert.match(second.components.schemas.ModelFeatures.description, /20260301-next/);
  serving.holder.set(null);
  assert.equal((await app.inject('/openapi.json')).statusCode, 200);
});

test('its examples are answered', async () => {
  const { app } = appOf();
  const { paths } = (await app.inject('/openapi.json')).json();
  const asked = Object.entries<{
    post?: { requestBody?: { content: Record<string, { example?: object }> } };
  }>(paths)
    .map(([path, { post }]) => ({ path, example: post?.requestBody?.content['application/json'].example }))
    .filter(({ example }) => example !== undefined);
  assert.equal(asked.length, 6);
  for (const { path, example } of asked) {
    const url = path.replace(/\{(model|name)\}/, 'churn').replace('{version}', model.manifest.version);
    const response = await app.inject({ method: 'POST', url, payload: example });
    assert.equal(response.statusCode, 200, `${url}: ${response.body}`);
  }
});

test('every route but the page is documented, with a summary, a tag and its answers', async () => {
  const { app } = appOf();
  const { paths } = (await app.inject('/openapi.json')).json();
  const named = Object.keys(paths);
  for (const path of [
    '/predict',
    '/live',
    '/v2',
    '/v2/models/{model}/infer',
    '/invocations',
    '/openapi.json',
  ]) {
    assert.ok(
      named.some((one) => one.replace(/(.)\/$/, '$1') === path),
      `${path} in ${named}`,
    );
  }
  const operations = Object.values<Record<string, Record<string, unknown>>>(paths).flatMap((one) =>
    Object.values(one),
  );
  for (const { summary, tags, responses } of operations) {
    assert.ok(summary && tags && responses, JSON.stringify({ summary, tags }));
  }
});

test('the page works offline, under a policy of its own', async () => {
  const { app } = appOf();
  const page = await app.inject('/docs/');
  assert.equal(page.statusCode, 200, page.body);
  assert.doesNotMatch(page.body, /https?:\/\//);
  assert.doesNotMatch(page.body, /<script>|<style>|\son\w+=/);
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /https?:|upgrade-insecure/);
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
  assert.ok(files.length >= 5);
  for (const file of files) {
    const url = new URL(file, 'http://here/docs/').pathname;
    assert.equal((await app.inject(url)).statusCode, 200, url);
  }
  assert.ok((await app.inject('/docs/json')).json().components.schemas.ModelFeatures);
  const predict = await app.inject({
    method: 'POST',
    url: '/predict',
    payload: { user_id: 1, features: ROW },
  });
  assert.match(String(predict.headers['content-security-policy']), /default-src 'none'/);
});

test('where keys are needed the document needs one, and the page does not show the model', async () => {
  const settings = {
    auth: 'required',
    keys: [{ name: 'one', sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' }],
  } as const;
  const { app } = appOf({ settings: settings as never });
  assert.equal((await app.inject('/openapi.json')).statusCode, 401);
  const document = await app.inject({ url: '/openapi.json', headers: { 'x-api-key': 'abc' } });
  const { paths } = document.json();
  assert.deepEqual(paths['/predict'].post.security, [{ bearer: ['predict'] }, { key: ['predict'] }]);
  assert.equal(paths['/live'].get.security, undefined);
  assert.equal((await app.inject('/docs/')).statusCode, 200);
  const shown = await app.inject('/docs/json');
  assert.equal(shown.statusCode, 200);
  assert.equal(shown.json().components.schemas.ModelFeatures, undefined);
  const refused = await app.inject({ method: 'POST', url: '/v2/models/churn/infer', payload: {} });
  assert.deepEqual([refused.statusCode, Object.keys(refused.json())], [401, ['error']]);
  const invocation = await app.inject({ method: 'POST', url: '/invocations', payload: {} });
  assert.equal(invocation.json().error_code, 'UNAUTHENTICATED');
});
