import type { EventTypes } from '../../config/features.js';
import type { Config } from '../../config/schema.js';
import { sql } from '../engine/sql.js';
import type { Check } from './check.js';

/** So many of the types that do occur are shown. */
const SHOWN = 12;

export const eventTypes: Check = {
  id: 'event-types',
  title: 'every event type that the configuration names occurs',
  severity: 'warning',
  run: async ({ engine, config, events, signal }) => {
    const there = await engine.rows<{ type: string }>(
      sql`SELECT CAST(event_type AS STRING) AS type, count(*) AS events FROM ${events.relation} AS source
        WHERE event_type IS NOT NULL GROUP BY CAST(event_type AS STRING) ORDER BY events DESC, type`,
      signal,
    );
    const seen = new Set(there.map(({ type }) => type));
    if (seen.size === 0) {
      return []; // empty or all null: other checks say so
    }
    const shown = [...seen].slice(0, SHOWN).join(', ');
    return namedTypes(config)
      .filter((type) => !seen.has(type))
      .map((type) => ({
        severity: eventTypes.severity,
        source: 'events' as const,
        message: `expected events of type "${type}"; got none (there are: ${shown})`,
        rows: 0,
        examples: [],
      }));
  },
};

function namedTypes({ features, label }: Config): string[] {
  const counted = Object.values(features.daily).map((aggregate) =>
    'count' in aggregate ? aggregate.count : aggregate.of,
  );
  const churn =
    label.kind === 'inactivity'
      ? listed(label.events ?? 'all')
      : label.kind === 'event'
        ? Object.keys(label.events)
        : [];
  return [...new Set([...counted.flatMap(listed), ...listed(features.activity), ...churn])];
}

function listed(types: EventTypes): string[] {
  return types === 'all' ? [] : typeof types === 'string' ? [types] : types;
}
