import { after, before, describe, it } from 'node:test';
import { WITHOUT_SHARED } from '../data/project.js';
import { type Example, openExample, type Said, saidBy } from './example.js';
import { driftTable, evaluationTable, stepsTable, trainTable, weeksTable } from './tables.js';

describe('examples/cdnow: its README', { skip: WITHOUT_SHARED }, () => {
  let example: Example;
  let said: Said[];
  before(async () => {
    example = await openExample('cdnow');
    said = await example.play();
  });
  after(() => example.close());

  it('shows what the commands make and measure', () => {
    example.shows('steps', stepsTable(saidBy(said, /churn-mlops run/)));
    example.shows('model', trainTable({ 'as configured': saidBy(said, /churn-mlops train/) }));
    const evaluated = saidBy(said, /churn-mlops evaluate/);
    example.shows('evaluation', evaluationTable('predictions of', { '1998-03-31': evaluated }));
    example.shows('drift', driftTable(saidBy(said, /churn-mlops drift --at/)));
    example.shows('weeks', weeksTable(saidBy(said, /churn-mlops drift --by/)));
  });
});
