import { sql } from '../engine/sql.js';
import { type Check, EXAMPLES, type Problem } from './check.js';
import { namedTypes } from './named-types.js';

interface Counted {
  type: string;
  events: number;
}

/** So many of the types that do occur are shown. */
const SHOWN = 12;

export const eventTypes: Check = {
  id: 'event_types',
  title:
    'every event type that the configuration names occurs, and no other than those of `known`, once it is set',
  severity: 'warning',
  run: async ({ engine, config, events, signal }) => {
    const there = await engine.rows<Counted>(
      sql`SELECT CAST(event_type AS STRING) AS type, count(*) AS events FROM ${events.relation} AS source
        WHERE event_type IS NOT NULL GROUP BY CAST(event_type AS STRING) ORDER BY events DESC, type`,
      signal,
    );
    const seen = new Set(there.map(({ type }) => type));
    if (seen.size === 0) {
      return []; // empty or all null: other checks say so
    }
    const shown = [...seen].slice(0, SHOWN).join(', ');
    const named = namedTypes(config);
    const missing = named
      .filter((type) => !seen.has(type))
      .map((type) => ({
        severity: eventTypes.severity,
        source: 'events' as const,
        message: `expected events of type "${type}"; got none (there are: ${shown})`,
        rows: 0,
        examples: [],
      }));
    const { known } = config.checks.event_types;
    return known === undefined ? missing : [...missing, ...others(there, [...known, ...named])];
  },
};

function others(there: readonly Counted[], known: readonly string[]): Omit<Problem, 'check'>[] {
  const found = there.filter(({ type }) => !known.includes(type));
  const rows = found.reduce((sum, { events }) => sum + events, 0);
  return rows === 0
    ? []
    : [
        {
          severity: eventTypes.severity,
          source: 'events',
          message: `expected the event types of checks.event_types.known; got ${found.length} others in ${rows} rows`,
          rows,
          examples: found.slice(0, EXAMPLES).map(({ type, events }) => `${type} (${events} rows)`),
        },
      ];
}
