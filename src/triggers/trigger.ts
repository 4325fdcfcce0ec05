import type { NewEntry } from '../history/inbox.js';

/** A request for `retrain --if-needed`. The same key is the same request, however often it comes. */
export interface Trigger {
  source: 'api' | 'alertmanager';
  /** For the record. */
  reason: string | null;
  /** Name of the key it came with. */
  caller: string | null;
}

export function triggerEntry(key: string, body: Trigger, at: Date): NewEntry<Trigger> {
  return { kind: 'trigger', key: `${body.source}:${key}`, subject: 'retrain', body, at: at.toISOString() };
}
