import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { WITHOUT_SHARED } from '../data/project.js';
import { activeDays, outsideCounts, type PipelineRun, rawFile, recountLabels, runExample } from './counts.js';
import { sameMonths } from './months.js';
import { RETAIL_MONTHS } from './retail.js';

/** Every tenth customer; retail.slow.ts has all. */
const TENTH = '"Customer ID" % 10 = 0';

describe('examples/retail: every tenth customer by configuration alone', { skip: WITHOUT_SHARED }, () => {
  let run: PipelineRun;
  before(async () => {
    run = await runExample(
      'retail/churn.yaml',
      ['validate', 'prepare', 'features', 'labels', 'training-set'],
      {
        CHURN_SOURCES_EVENTS_WHERE: TENTH,
      },
    );
  });
  after(() => run.close());

  it('adds up the same money, invoices and customers by month as pandas from the raw file', () =>
    sameMonths(run, RETAIL_MONTHS, outsideCounts().retail.tenth));

  it('labels 200 cells as the raw purchases of the 90 days ahead say', async () => {
    const active = await activeDays(
      run.engine,
      sql`SELECT DISTINCT CAST(CAST("Customer ID" AS BIGINT) AS VARCHAR) AS unit, CAST(InvoiceDate[1:10] AS DATE) AS day
        FROM read_parquet(${rawFile('retail', 'online_retail_2009_2010.parquet')})
        WHERE "Customer ID" IS NOT NULL AND Invoice NOT LIKE 'C%' AND StockCode SIMILAR TO '[0-9]{5}.*'`,
    );
    const { churned, stayed } = await recountLabels(run, active, 200, 90);
    assert.ok(churned > 20 && stayed > 20, `${churned} churned, ${stayed} stayed`);
  });

  it('gives each customer the day and the country of the first line', async () => {
    const { engine, layout } = run;
    const [{ users, wrong }] = await engine.rows<{ users: number; wrong: number }>(sql`
      WITH raw_lines AS (
        SELECT CAST("Customer ID" AS BIGINT) AS user_id, CAST(InvoiceDate AS TIMESTAMP) AS time, CAST(Country AS VARCHAR) AS country
        FROM read_parquet(${rawFile('retail', 'online_retail_2009_2010.parquet')}) WHERE "Customer ID" % 10 = 0
      ), firsts AS (SELECT user_id, arg_min(country, time) AS country, CAST(min(time) AS DATE) AS day FROM raw_lines GROUP BY user_id),
      made AS (SELECT DISTINCT user_id, signup_date, country FROM ${readTable(engine, layout.userDaily)})
      SELECT count(*) AS users, count(*) FILTER (WHERE made.country IS DISTINCT FROM firsts.country OR signup_date IS DISTINCT FROM day) AS wrong
      FROM made FULL JOIN firsts USING (user_id)`);
    assert.deepEqual({ users, wrong }, { users: 428, wrong: 0 });
  });
});
