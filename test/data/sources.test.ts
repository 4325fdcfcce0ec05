import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../src/data/engine/engine.js';
import { raw, type Sql, sql } from '../../src/data/engine/sql.js';
import { isOnDays, isUndated, localDay, type SourceRelation } from '../../src/data/sources.js';
import { dayNumber } from '../../src/time.js';
import { useTestEngine } from './project.js';

let engine: Engine;
useTestEngine('churn-sources-', (opened) => {
  engine = opened;
});

const FIRST = dayNumber('2026-03-25');
const HOURS = 12 * 24;

/** Every hour of twelve days around a change of clocks, and a row without a time. */
function everyHour(type: string, days: SourceRelation['days']): SourceRelation {
  const hour = sql`${engine.dialect.timestampOfMicroseconds(raw(`(${FIRST} * 86400000000 + value * 3600000000)`))}`;
  const value = type === 'VARCHAR' ? sql`CAST(${hour} AS VARCHAR)` : sql`CAST(${hour} AS ${raw(type)})`;
  const hours = engine.dialect.series(raw('0'), raw(String(HOURS - 1)));
  const relation = sql`(SELECT value AS k, ${value} AS t FROM ${hours} AS hours UNION ALL SELECT ${raw(String(HOURS))}, NULL)`;
  return { relation, columns: [{ name: 't', type }], path: 'hours', days };
}

async function rowsWhere(source: SourceRelation, condition: Sql): Promise<number[]> {
  const rows = await engine.rows<{ k: number }>(
    sql`SELECT k FROM ${source.relation} AS source WHERE ${condition} ORDER BY k`,
  );
  return rows.map(({ k }) => k);
}

describe('rows by day', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    for (const times of ['utc', 'local'] as const) {
      it(`${zone}, ${times}: those on some days are those whose day is one of them, in every type`, async () => {
        for (const type of ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'DATE', 'VARCHAR']) {
          const source = everyHour(type, { zone, times });
          const day = localDay(engine, source, 't');
          for (const days of [[FIRST + 5], [FIRST + 4, FIRST + 8], [FIRST], [FIRST - 1, FIRST + 12], []]) {
            const found = await rowsWhere(source, isOnDays(engine, source, 't', days));
            const list = raw(days.length === 0 ? 'NULL' : days.join(', '));
            assert.deepEqual(found, await rowsWhere(source, sql`${day} IN (${list})`), `${type} ${days}`);
            assert.ok(days.length !== 1 || found.length >= 9, `${type} ${days}: ${found.length}`);
          }
        }
      });
    }
  }

  it('those without a day have no time, or one that nobody can read', async () => {
    const days = { zone: 'Europe/Berlin', times: 'utc' } as const;
    const typed = everyHour('TIMESTAMP', days);
    assert.deepEqual(await rowsWhere(typed, isUndated(engine, typed, 't')), [HOURS]);
    const relation = sql`(SELECT 1 AS k, 'soon' AS t UNION ALL SELECT 2, '2026-03-25' UNION ALL SELECT 3, NULL)`;
    const texts = { ...typed, relation, columns: [{ name: 't', type: 'VARCHAR' }] };
    assert.deepEqual(await rowsWhere(texts, isUndated(engine, texts, 't')), [1, 3]);
  });
});
