import assert from 'node:assert/strict';
import { constants, PerformanceObserver, performance } from 'node:perf_hooks';
import { it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { collectYoungGarbage } from '../../../src/data/engine/young-garbage.js';

it('has the young garbage collected, and that only, before it returns', async () => {
  collectYoungGarbage();
  const collected: { kind: number; at: number }[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail, startTime } = entry as unknown as { detail: { kind: number }; startTime: number };
      collected.push({ kind: detail.kind, at: startTime });
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const from = performance.now();
  collectYoungGarbage();
  const to = performance.now();
  await setTimeout(50);
  observer.disconnect();
  const within = collected.filter(({ at }) => at >= from && at <= to);
  assert.deepEqual(
    within.map(({ kind }) => kind),
    [constants.NODE_PERFORMANCE_GC_MINOR],
  );
});
