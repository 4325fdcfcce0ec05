import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { buildApp } from '../../../src/serve/app.js';
import { requireProgram } from '../../servers/debian.js';
import { ROW, servingOf, trainedModel } from '../parts.js';
import { listening } from './listening.js';

test('the page of the API lists every route, and a prediction can be tried there', async (context) => {
  requireProgram('chromium', 'chromium');
  const app = buildApp(servingOf({ model: await trainedModel() }), { logLines: null });
  const url = `http://${await listening(context, app)}`;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  context.after(() => browser.close());
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      errors.push(message.text());
    }
  });
  await page.goto(`${url}/docs`);
  await page.waitForSelector('.opblock');
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const routes = Object.values(document.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
  assert.equal(await page.locator('.opblock').count(), routes);

  const predict = page.locator('.opblock', { has: page.locator('[data-path="/predict"]') });
  await predict.locator('.opblock-summary').click();
  await predict.locator('textarea').fill(JSON.stringify({ user_id: 'anna', features: ROW }));
  await predict.getByRole('button', { name: 'Execute' }).click();
  const answer = predict.locator('.live-responses-table .highlight-code').first();
  await answer.waitFor();
  assert.match(await answer.innerText(), /"churn_risk": 0\.\d+/);
  if (process.env.SCREENSHOT) {
    await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
  }
  assert.deepEqual(errors, []);
});
