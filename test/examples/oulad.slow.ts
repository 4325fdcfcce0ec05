import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/data/engine/sql.js';
import { inPopulation } from '../../src/data/population.js';
import { readTable } from '../../src/data/tables.js';
import { WITHOUT_SHARED } from '../data/project.js';
import { type PipelineRun, runExample } from './counts.js';
import { type Example, markdown, openExample, type Said, saidBy, whole } from './example.js';
import { sameLabels, sameSums } from './oulad.js';
import { driftTable, explained, monthsTable, stepsTable, trainTable, weeksTable } from './tables.js';

describe('examples/oulad: BBB by configuration alone', { skip: WITHOUT_SHARED }, () => {
  let run: PipelineRun;
  before(async () => {
    run = await runExample('oulad/churn.yaml', ['prepare', 'labels']);
  });
  after(() => run.close());

  for (const presentation of ['BBB-2013B', 'BBB-2013J']) {
    it(`adds up the same clicks and active students by day as pandas from the raw file: ${presentation}`, () =>
      sameSums(run, presentation));
  }

  it('labels 200 cells as the raw clicks of the days ahead say', () => sameLabels(run, 'BBB'));
});

describe('examples/oulad: its README', { skip: WITHOUT_SHARED }, () => {
  let example: Example;
  let said: Said[];
  before(async () => {
    example = await openExample('oulad');
    said = await example.play();
  });
  after(() => example.close());

  it('shows what the commands make and measure', () => {
    example.shows('steps', stepsTable(saidBy(said, /churn-mlops run --at/)));
    example.shows('model', trainTable({ inactivity: saidBy(said, /churn-mlops train --at/) }));
    example.shows('months', monthsTable(saidBy(said, /churn-mlops evaluate --by/)));
    example.shows('weeks', weeksTable(saidBy(said, /churn-mlops drift --by/)));
    const other = trainTable({ unregistration: saidBy(said, /train -c unregistration/) });
    example.shows('unregistration model', other);
    example.shows('unregistration months', monthsTable(saidBy(said, /evaluate -c unregistration/)));
  });

  it('finds and explains the drift between presentations', () => {
    const [next, module] = [saidBy(said, /--current .*2013J/), saidBy(said, /--current .*2014J/)];
    assert.deepEqual([next.code, next.json.status, module.code, module.json.status], [0, 'WARN', 2, 'FAIL']);
    const because = (run: Said, name: string): string =>
      explained(run.json.features.find((feature: { name: string }) => feature.name === name));
    // BBB tests its students by quizzes, AAA has none; AAA's students are men as often as women.
    assert.equal(
      because(module, 'quiz_clicks_28d'),
      'values moved down, mean 0 (10.49 in the reference); the share of "1 to 12" went from 15.2 % to 0.0 %',
    );
    assert.equal(because(module, 'gender'), 'the share of "M" went from 11.5 % to 56.5 %');
    assert.match(
      because(next, 'forum_clicks_28d'),
      /^values moved down, mean 66\.52 \(101 in the reference\)/,
    );
    example.shows('next presentation', driftTable(next));
    example.shows('other module', driftTable(module, 7));
  });

  it('knows how many of those who churned over Christmas came back', async () => {
    const { config, layout, engine, close } = await runExample('oulad/churn.yaml', []);
    const at = (path: string) => readTable(engine, path.replace(layout.root, example.folder));
    const [{ churned, back }] = await engine.rows<{ churned: number; back: number }>(sql`
      SELECT count(*) AS churned, count(*) FILTER (WHERE later.user_id IS NOT NULL) AS back
      FROM (SELECT user_id FROM ${at(layout.userFeaturesDaily)} WHERE as_of_date = DATE '2013-12-01' AND ${inPopulation(config)}) AS risk
      JOIN (SELECT user_id FROM ${at(layout.labelsDaily)} WHERE as_of_date = DATE '2013-12-01' AND churn_label = 1) AS gone USING (user_id)
      LEFT JOIN (SELECT DISTINCT user_id FROM ${at(layout.userDaily)} WHERE as_of_date > DATE '2013-12-29' AND is_active_day = 1) AS later USING (user_id)`);
    await close();
    example.shows(
      'christmas',
      markdown(
        ['churned by 29 December', 'of these seen again by 11 February'],
        [[whole(churned), whole(back)]],
      ),
    );
  });
});
