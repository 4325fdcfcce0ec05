import { raw } from '../../src/data/engine/sql.js';

/** The months of retail as examples.py counts them. */
export const RETAIL_MONTHS = raw(
  'CAST(sum(lines) AS BIGINT) AS lines, CAST(sum(invoices) AS BIGINT) AS invoices, sum(revenue) AS revenue, sum(returned) AS returned',
);
