import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonWith, runPython } from '../../servers/python.js';
import { ROW, trainedModel } from '../parts.js';
import { appOf } from './app.js';
import { listening } from './listening.js';

/** Each client in an environment of its own: what one needs must not decide what another gets. */
const CLIENTS: [script: string, packages: string[]][] = [
  ['triton_client.py', ['tritonclient[http]==2.73.0', 'numpy==2.4.6']],
  ['mlflow_client.py', ['mlflow-skinny==3.17.2', 'pandas==2.3.3', 'scipy==1.17.1']],
  ['kserve_client.py', ['kserve==0.21.0']],
  ['sagemaker_client.py', ['boto3==1.44.5']],
];

/** Beside ROW a row with missing values and a country that the model does not know. */
const ROWS = [ROW, { active_days_7d: 0, watch_minutes_30d: null, is_paid: 0, plan: 'free', country: 'FR' }];

for (const [script, packages] of CLIENTS) {
  test(`${script}: the real client gets the risks that /predict gives`, async (t) => {
    const python = await pythonWith(packages);
    const { app, serving } = appOf({ model: await trainedModel() });
    const payload = { rows: ROWS.map((features) => ({ features })) };
    const expected = (await app.inject({ method: 'POST', url: '/predict/batch', payload })).json().churn_risk;
    serving.log.entries.length = 0;
    const address = await listening(t, app);
    const { code, output } = await runPython(
      python,
      [`test/serve/protocols/${script}`, address, JSON.stringify(ROWS), JSON.stringify(expected)],
      120_000,
    );
    assert.equal(code, 0, output);
    assert.match(output, /all is well/);
    assert.ok(serving.log.entries.some((entry) => entry.userId === 'client'));
  });
}
