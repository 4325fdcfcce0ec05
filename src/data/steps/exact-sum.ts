import { raw, type Sql, sql } from '../engine/sql.js';

/**
 * Sum of a DOUBLE expression that does not depend on the order of addition, so that every engine and every run gives
 * the same bits: values are rounded to a millionth and added as whole numbers. `over` turns it into a window sum.
 */
export function exactSum(value: Sql, over: Sql = raw('')): Sql {
  return sql`(CAST(sum(CAST(round(${value} * 1e6) AS BIGINT))${over} AS BIGINT) / 1e6)`;
}

/** Mean made from exactSum; null without a value. */
export function exactMean(value: Sql, over: Sql = raw('')): Sql {
  return sql`(${exactSum(value, over)} / nullif(CAST(count(${value})${over} AS BIGINT), 0))`;
}
