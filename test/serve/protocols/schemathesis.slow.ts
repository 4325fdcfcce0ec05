import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { LoggedPrediction } from '../../../src/serve/parts.js';
import { pythonWith, runPython } from '../../servers/python.js';
import { type ServingFacts, trainedModel } from '../parts.js';
import { appOf } from './app.js';
import { listening } from './listening.js';

const PACKAGES = ['schemathesis==4.32.5'];
const KEY = 'a key for the test';

/** No answer (status, type, shape) that the document does not tell. */
const CHECKS = 'status_code_conformance,content_type_conformance,response_schema_conformance';

/** No 5xx at all; without a model 503 is right, so that there only the metrics tell whether there was a 500. */
const WITH_MODEL = `not_a_server_error,${CHECKS}`;

const keys = [
  {
    name: 'test',
    sha256: createHash('sha256').update(KEY).digest('hex'),
    scopes: ['predict', 'read', 'outcomes', 'webhook', 'admin'],
  },
];

/** Users known to the store: those whose id is a number. */
const users = {
  find: async (id: string) =>
    /^\d+$/.test(id) ? { values: Float32Array.from([3, 120.5, 1, 0, 1, 0, 1, 0]), day: '2026-01-30' } : null,
};

const CASES: { what: string; facts: Partial<ServingFacts>; checks: string; args: string[] }[] = [
  { what: 'a server with a model', facts: { users }, checks: WITH_MODEL, args: [] },
  { what: 'a server without a model', facts: { model: null, users }, checks: CHECKS, args: [] },
  {
    what: 'a server with keys',
    facts: { users, settings: { auth: 'required', keys } as never },
    checks: WITH_MODEL,
    args: ['--header', `X-Api-Key: ${KEY}`],
  },
];

for (const { what, facts, checks, args } of CASES) {
  test(`schemathesis finds no 500 and no undocumented answer: ${what}`, async (t) => {
    const python = await pythonWith(PACKAGES);
    const { app, serving } = appOf({ model: await trainedModel(), ...facts });
    const address = await listening(t, app);
    const command = ['run', `http://${address}/openapi.json`, '--checks', checks, ...args];
    const bounds = ['--max-examples', '50', '--seed', '1', '--workers', '1', '--continue-on-failure'];
    const { code, output } = await runPython(
      python,
      ['-m', 'schemathesis.cli', ...command, ...bounds, '--generation-database', 'none', '--no-color'],
      480_000,
    );
    assert.equal(code, 0, output.slice(-12_000));
    t.diagnostic(output.trim().split('\n').slice(-12).join('\n'));
    const metrics = await serving.scrape();
    assert.match(metrics, /^churn_api_requests_total\{[^}]*status="200"[^}]*\} [1-9]/m);
    assert.doesNotMatch(metrics, /^churn_api_requests_total\{[^}]*status="500"[^}]*\} [1-9]/m);
    const { entries }: { entries: LoggedPrediction[] } = serving.log;
    assert.equal(entries.length > 0, serving.holder.current() !== null, 'some examples must be scored');
    assert.ok(entries.every(({ probability }) => probability > 0 && probability < 1));
  });
}
