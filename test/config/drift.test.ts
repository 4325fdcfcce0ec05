import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATISTIC_IDS } from '../../src/config/drift.js';
import { STATISTICS } from '../../src/monitor/drift/index.js';

test('the configuration offers every statistic that there is', () => {
  assert.deepEqual(
    [...STATISTIC_IDS],
    STATISTICS.map((statistic) => statistic.id),
  );
});
