import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { raw, sql } from '../../src/data/engine/sql.js';
import { readTable } from '../../src/data/tables.js';
import { WITHOUT_SHARED } from '../data/project.js';
import { activeDays, outsideCounts, type PipelineRun, rawFile, recountLabels, runExample } from './counts.js';
import { sameMonths } from './months.js';

/** Every tenth customer; cdnow.slow.ts has all. */
const TENTH = 'CAST(substr("customer_id  date number_of_cds  dollar_value", 2, 5) AS INTEGER) % 10 = 0';

describe('examples/cdnow: every tenth customer by configuration alone', { skip: WITHOUT_SHARED }, () => {
  let run: PipelineRun;
  before(async () => {
    run = await runExample('cdnow/churn.yaml', ['validate', 'prepare', 'labels'], {
      CHURN_SOURCES_EVENTS_WHERE: TENTH,
    });
  });
  after(() => run.close());

  it('reads the fixed places as pandas reads the words: customers, CDs and dollars by month', () =>
    sameMonths(
      run,
      raw('sum(purchases) AS purchases, sum(cds) AS cds, sum(revenue) AS revenue'),
      outsideCounts().cdnow.tenth,
    ));

  it('signs everybody up in the first quarter of 1997, with a first purchase: it is one cohort', async () => {
    const { engine, layout } = run;
    const [told] = await engine.rows(
      sql`SELECT min(signup_date) AS first, max(signup_date) AS last, count(*) FILTER (WHERE signup_date = as_of_date AND purchases = 0) AS without
        FROM ${readTable(engine, layout.userDaily)}`,
    );
    assert.deepEqual(told, { first: '1997-01-01', last: '1997-03-25', without: 0 });
  });

  it('labels 200 cells as the raw purchases of the 90 days ahead say', async () => {
    const active = await activeDays(
      run.engine,
      sql`SELECT DISTINCT CAST(CAST(words[1] AS INTEGER) AS VARCHAR) AS unit, strptime(words[2], '%Y%m%d')::DATE AS day
        FROM (SELECT string_split_regex(trim(line), '\\s+') AS words FROM read_csv(${rawFile('cdnow', 'cdnow_master.txt')}, header = false, skip = 1, delim = '|', columns = {'line': 'VARCHAR'}))`,
    );
    const { churned, stayed } = await recountLabels(run, active, 200, 1997);
    assert.ok(churned > 20 && stayed > 20, `${churned} churned, ${stayed} stayed`);
  });
});
