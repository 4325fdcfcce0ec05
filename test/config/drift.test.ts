import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATISTIC_IDS } from '../../src/config/drift.js';
import { configSchema } from '../../src/config/schema.js';
import { DRIFT_DEFAULTS } from '../../src/monitor/drift/drift.js';
import { STATISTICS } from '../../src/monitor/drift/index.js';

test('the configuration offers every statistic that there is', () => {
  assert.deepEqual(
    [...STATISTIC_IDS],
    STATISTICS.map((statistic) => statistic.id),
  );
});

test('what is taken without a configuration is what the configuration has by default', () => {
  const { drift, training } = configSchema.parse({});
  const { warn, fail, significance } = drift;
  assert.deepEqual({ warn, fail, significance, seed: training.seed }, DRIFT_DEFAULTS);
});
