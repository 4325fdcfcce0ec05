import type { Config } from '../config/schema.js';
import { type Day, dayNumber } from '../time.js';
import type { Engine } from './engine/engine.js';
import { raw, type Sql, sql } from './engine/sql.js';

/**
 * Whether a user is in the random hold-out on a day, 1 or 0: whom nobody treats, so that outcomes stay what the model
 * foretold. It depends on user and salt alone (and on the period, when it is drawn anew), never on the risk. Null when no
 * hold-out is configured.
 */
export function heldOut(engine: Engine, { evaluation }: Config, user: Sql, day: Day): Sql | null {
  const { hold_out } = evaluation;
  if (hold_out === undefined) {
    return null;
  }
  const { share, salt, redraw_days } = hold_out;
  const period = redraw_days === undefined ? '' : `${Math.floor(dayNumber(day) / redraw_days)}/`;
  const drawn = engine.dialect.hashShare(sql`${`${salt}/${period}`} || CAST(${user} AS STRING)`);
  return sql`CASE WHEN ${drawn} < ${raw(String(share))} THEN 1 ELSE 0 END`;
}
