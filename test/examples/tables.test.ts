import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { WITHOUT_SHARED } from '../data/project.js';
import { type Example, openExample, saidBy } from './example.js';
import { driftTable, evaluationTable, explained } from './tables.js';

describe('drift and evaluation of any two tables', { skip: WITHOUT_SHARED }, () => {
  const opened: Example[] = [];
  after(() => Promise.all(opened.map((example) => example.close())));

  async function played(name: string) {
    const example = await openExample(name);
    opened.push(example);
    return { example, said: await example.play() };
  }

  it('telco: halves are alike, the first year is not like the others, and the README says so', async () => {
    const { example, said } = await played('telco');
    assert.equal(saidBy(said, /other_half/).code, 0);
    const drift = saidBy(said, /first_year/);
    assert.equal(drift.code, 2);
    assert.equal(
      explained(drift.json.features.find(({ name }: { name: string }) => name === 'Contract')),
      'the share of "Two year" went from 33.5 % to 3.1 %',
    );
    example.shows('drift', driftTable(drift, 7));
    example.shows('evaluation', evaluationTable('predictions', { 'other half': saidBy(said, /evaluate/) }));
  });

  it('adult: halves are alike, men and women are not, and the README says so', async () => {
    const { example, said } = await played('adult');
    assert.equal(saidBy(said, /other_half/).code, 0);
    const drift = saidBy(said, /current data\/women/);
    assert.equal(drift.code, 2);
    example.shows('drift', driftTable(drift, 7));
    example.shows(
      'evaluation',
      evaluationTable('people', {
        men: saidBy(said, /predictions_men/),
        women: saidBy(said, /predictions_women/),
      }),
    );
  });
});
