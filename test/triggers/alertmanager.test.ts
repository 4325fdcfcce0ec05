import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AlertGroup } from '../../src/triggers/alertmanager.js';
import { firingGroup } from '../../src/triggers/alertmanager.js';

const [EARLY, LATE] = ['2026-11-23T05:51:27.632Z', '2026-11-23T06:00:00Z'];

function group(alerts: [status: 'firing' | 'resolved', startsAt: string, feature?: string][]): AlertGroup {
  return {
    groupKey: '{}/{action="retrain"}:{alertname="DataDriftDetected"}',
    status: alerts.some(([status]) => status === 'firing') ? 'firing' : 'resolved',
    alerts: alerts.map(([status, startsAt, feature = 'charges']) => ({
      status,
      startsAt,
      labels: { alertname: 'DataDriftDetected', feature },
    })),
  };
}

const keyOf = (...alerts: Parameters<typeof group>[0]) => firingGroup(group(alerts))?.key;

describe('a group of alerts', () => {
  it('is the same request while it fires, however it comes', () => {
    const key = keyOf(['firing', EARLY]);
    assert.match(key ?? '', /^[0-9a-f]{64}$/);
    assert.equal(keyOf(['firing', '2026-11-23T06:51:27.632+01:00']), key, 'another way to write the time');
    assert.equal(keyOf(['firing', EARLY], ['resolved', LATE, 'minutes']), key);
    assert.equal(keyOf(['firing', '2026-11-23T05:51:27.632000000Z']), key);
  });

  it('is a new one when an alert joins it, and stays that one when the older alert ends', () => {
    const joined = keyOf(['firing', EARLY], ['firing', LATE, 'minutes']);
    assert.notEqual(joined, keyOf(['firing', EARLY]));
    assert.equal(keyOf(['firing', LATE, 'minutes']), joined);
    assert.equal(keyOf(['firing', LATE, 'minutes'], ['firing', EARLY]), joined, 'order does not count');
  });

  it('is another one for another group key', () => {
    const other = { ...group([['firing', EARLY]]), groupKey: 'other' };
    assert.notEqual(firingGroup(other)?.key, keyOf(['firing', EARLY]));
  });

  it('asks for nothing when nothing fires', () => {
    assert.equal(firingGroup(group([['resolved', EARLY]])), null);
    assert.equal(firingGroup({ ...group([]), status: 'firing' }), null);
  });

  it('says which alert since when', () => {
    assert.equal(
      firingGroup(group([['firing', EARLY]]))?.reason,
      'DataDriftDetected since 2026-11-23T05:51:27.632Z',
    );
  });
});
