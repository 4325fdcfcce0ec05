import { createHash } from 'node:crypto';

/** What we read of Alertmanager's webhook body, version 4. */
export interface AlertGroup {
  groupKey: string;
  status: 'firing' | 'resolved';
  alerts: { status: 'firing' | 'resolved'; startsAt: string; labels?: Record<string, string> }[];
}

/** What asks for a retrain in a group of alerts. */
export interface FiringGroup {
  /** Of the group and the start of its newest firing alert. */
  key: string;
  reason: string;
}

/**
 * A group as a request: null when nothing in it fires. Alertmanager repeats a group as long as it fires, from several
 * instances, and with one alert less when one has ended: all of these are the same request. An alert that joins it later
 * is a new one.
 */
export function firingGroup({ status, groupKey, alerts }: AlertGroup): FiringGroup | null {
  const firing = status === 'firing' ? alerts.filter((alert) => alert.status === 'firing') : [];
  if (firing.length === 0) {
    return null;
  }
  const newest = Math.max(...firing.map(({ startsAt }) => Date.parse(startsAt)));
  const start = new Date(newest).toISOString();
  const key = createHash('sha256').update(`${groupKey}\n${start}`).digest('hex');
  const names = new Set(
    firing.filter(({ startsAt }) => Date.parse(startsAt) === newest).map(({ labels }) => labels?.alertname),
  );
  const named = [...names].filter((name) => name !== undefined && name !== '').sort();
  return { key, reason: `${named.join(', ') || 'an alert'} since ${start}`.slice(0, 500) };
}
