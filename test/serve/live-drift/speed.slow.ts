import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { encodingOf } from '../../../src/model/encode.js';
import type { Manifest } from '../../../src/model/registry/manifest.js';
import { numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues, tableProfile } from '../../../src/monitor/profile/count.js';
import { random } from '../../../src/random.js';
import { openLiveDrift } from '../../../src/serve/live-drift/live-drift.js';
import type { LiveModel } from '../../../src/serve/parts.js';

test('counting a row of 45 features takes less than 5 microseconds', async (context) => {
  const features = 45;
  const { normal } = random(1);
  const columns = Array.from({ length: features }, (_, i) => {
    const values = Float64Array.from({ length: 20_000 }, normal);
    return profileOfValues(`f${i}`, numericBins(values), values);
  });
  const encoding = encodingOf(columns.map(({ name }) => ({ name, type: 'number' })));
  const model = { manifest: { version: 'a' } as Manifest, encoding } as LiveModel;
  const drift = openLiveDrift({ registry: { profile: async () => tableProfile(columns, null) } });
  const rows = Array.from({ length: 5000 }, () => Float32Array.from({ length: features }, normal));
  drift.add(model, rows[0], 0.5);
  await turn();
  const costs: number[] = [];
  for (let round = 0; round < 20; round++) {
    const begun = performance.now();
    for (const row of rows) {
      drift.add(model, row, 0.5);
    }
    costs.push(((performance.now() - begun) * 1000) / rows.length);
  }
  const reports: number[] = [];
  for (let round = 0; round < 5; round++) {
    drift.add(model, rows[round], 0.5);
    const begun = performance.now();
    drift.report();
    reports.push(performance.now() - begun);
  }
  context.diagnostic(
    `${Math.min(...costs).toFixed(2)} us a row (median ${costs.sort((a, b) => a - b)[10].toFixed(2)}); reports of ${reports.map((ms) => ms.toFixed(1)).join(', ')} ms`,
  );
  assert.ok(Math.min(...costs) < 5);
});
