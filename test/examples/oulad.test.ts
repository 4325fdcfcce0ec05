import { after, before, describe, it } from 'node:test';
import { WITHOUT_SHARED } from '../data/project.js';
import { type PipelineRun, runExample } from './counts.js';
import { sameLabels, sameSums } from './oulad.js';

/** The smallest presentation; oulad.slow.ts has the others. */
const AAA = "code_module = 'AAA'";

describe('examples/oulad: AAA 2014J by configuration alone', { skip: WITHOUT_SHARED }, () => {
  let run: PipelineRun;
  before(async () => {
    run = await runExample(
      'oulad/churn.yaml',
      ['validate', 'prepare', 'features', 'labels', 'training-set'],
      {
        CHURN_SOURCES_USERS_WHERE: AAA,
        CHURN_SOURCES_EVENTS_WHERE: AAA,
      },
    );
  });
  after(() => run.close());

  it('adds up the same clicks and active students by day as pandas from the raw file', () =>
    sameSums(run, 'AAA-2014J'));

  it('labels 200 cells as the raw clicks of the days ahead say', () => sameLabels(run, 'AAA'));
});
