import { after, before, describe, it } from 'node:test';
import { WITHOUT_SHARED } from '../data/project.js';
import { outsideCounts, runExample } from './counts.js';
import { type Example, openExample, type Said, saidBy } from './example.js';
import { sameMonths } from './months.js';
import { RETAIL_MONTHS } from './retail.js';
import { driftTable, evaluationTable, stepsTable, trainTable, weeksTable } from './tables.js';

describe('examples/retail: its README', { skip: WITHOUT_SHARED }, () => {
  let example: Example;
  let said: Said[];
  before(async () => {
    example = await openExample('retail');
    said = await example.play();
  });
  after(() => example.close());

  it('shows what the commands make and measure', () => {
    example.shows('steps', stepsTable(saidBy(said, /churn-mlops run/)));
    example.shows(
      'model',
      trainTable({
        'as configured': saidBy(said, /^npx churn-mlops train/),
        'without `days_since_signup`': saidBy(said, /EXCLUDE.* train/),
      }),
    );
    const evaluated = ['2010-08-10', '2010-09-10'];
    example.shows(
      'evaluation',
      evaluationTable(
        'predictions of',
        Object.fromEntries(evaluated.map((date) => [date, saidBy(said, RegExp(`evaluate --date ${date}`))])),
      ),
    );
    example.shows('drift', driftTable(saidBy(said, /churn-mlops drift$/)));
    example.shows('weeks', weeksTable(saidBy(said, /churn-mlops drift --by/)));
  });
});

describe('examples/retail: all customers by configuration alone', { skip: WITHOUT_SHARED }, () => {
  it('adds up the same money, invoices and customers by month as pandas from the raw file', async () => {
    const run = await runExample('retail/churn.yaml', ['prepare']);
    try {
      await sameMonths(run, RETAIL_MONTHS, outsideCounts().retail.all);
    } finally {
      await run.close();
    }
  });
});
