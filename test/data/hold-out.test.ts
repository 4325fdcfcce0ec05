import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { configSchema } from '../../src/config/schema.js';
import type { Engine } from '../../src/data/engine/engine.js';
import { raw, sql } from '../../src/data/engine/sql.js';
import { heldOut } from '../../src/data/hold-out.js';
import { addDays } from '../../src/time.js';
import { openTestEngine } from './project.js';

const USERS = 100_000;
const DAY = '2025-08-16';

describe('the random hold-out', () => {
  let engine: Engine;

  before(async () => {
    engine = await openTestEngine('.', 1);
  });
  after(() => engine.close());

  /** Of users 1, 2, 3 ...: 1 where drawn; with the unit group of each. */
  const drawn = async (hold_out: object, day = DAY) => {
    const config = configSchema.parse({ evaluation: { hold_out } });
    const flag = heldOut(engine, config, sql`value`, day);
    assert.ok(flag !== null);
    const users = engine.dialect.series(raw('1'), raw(String(USERS)));
    return engine.rows<{ held: number; in_group: number }>(
      sql`SELECT ${flag} AS held, ${engine.dialect.unitGroup(sql`value`)} AS in_group FROM ${users} AS users ORDER BY value`,
    );
  };
  const flags = async (hold_out: object, day?: string) =>
    (await drawn(hold_out, day)).map(({ held }) => held);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const common = (a: readonly number[], b: readonly number[]) => sum(a.map((flag, i) => flag * b[i]));

  it('is none where none is configured', () => {
    assert.equal(heldOut(engine, configSchema.parse({}), sql`value`, DAY), null);
  });

  it('has its share, and is what anybody can compute from user and salt', async () => {
    for (const share of [0.01, 0.05, 0.3]) {
      const held = await flags({ share, salt: 'spring' });
      const noise = 4 * Math.sqrt(share * (1 - share) * USERS);
      assert.ok(Math.abs(sum(held) - share * USERS) < noise, `${sum(held)} of ${share}`);
      const expected = held.map((_, i) => {
        const hash = createHash('md5')
          .update(`spring/${i + 1}`)
          .digest();
        return hash.readUInt32BE(0) / 2 ** 32 < share ? 1 : 0;
      });
      assert.deepEqual(held, expected);
    }
  });

  it('stays the same for ever, or for so many days', async () => {
    const ever = { share: 0.05 };
    assert.deepEqual(await flags(ever, addDays(DAY, 1000)), await flags(ever));
    const periods = { share: 0.05, redraw_days: 90 };
    // Day 20,340 is the first of a period of 90 days.
    const first = '2025-09-09';
    const held = await flags(periods, first);
    assert.deepEqual(await flags(periods, addDays(first, 89)), held);
    const next = await flags(periods, addDays(first, 90));
    assert.ok(Math.abs(common(held, next) - 0.05 ** 2 * USERS) < 4 * Math.sqrt(0.05 ** 2 * USERS));
  });

  it('another salt draws others, a larger share only more', async () => {
    const held = await flags({ share: 0.05, salt: 'a' });
    const other = await flags({ share: 0.05, salt: 'b' });
    assert.ok(Math.abs(common(held, other) - 0.05 ** 2 * USERS) < 4 * Math.sqrt(0.05 ** 2 * USERS));
    assert.equal(common(held, await flags({ share: 0.1, salt: 'a' })), sum(held));
  });

  it('has nothing to do with the unit groups that evidence and sampling use', async () => {
    const rows = await drawn({ share: 0.1 });
    const [held, all] = [new Float64Array(64), new Float64Array(64)];
    for (const row of rows) {
      all[row.in_group]++;
      held[row.in_group] += row.held;
    }
    const squares = held.reduce(
      (total, count, i) => total + (count - 0.1 * all[i]) ** 2 / (0.09 * all[i]),
      0,
    );
    assert.ok(squares < 64 + 4 * Math.sqrt(128), `chi-squared of 64: ${squares}`);
  });
});
