import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { STEPS } from '../../src/data/steps/index.js';
import { runSteps } from '../../src/jobs/run-steps.js';
import { trainVersion } from '../../src/jobs/train.js';
import type { Project } from '../../src/open.js';
import { SHARED, WITHOUT_SHARED } from '../data/project.js';
import { cleanUp, copyOf, newProject } from '../jobs/project.js';

const FOLDER = join(SHARED, 'section12');

/** What the described model reached, four ways (see the README beside it). */
type Described = Record<'as_described' | 'purged_at_risk', { pr_auc: number; test_rows: number }>;

const config = (training: object, population: unknown = { active_within_days: 30 }) => ({
  sources: { users: { files: join(FOLDER, 'users.csv') }, events: { files: join(FOLDER, 'events.parquet') } },
  population,
  training: { sampling: 'all', complete_windows: false, ...training },
});

describe("the described system's own data", { skip: WITHOUT_SHARED }, () => {
  let project: Project;
  let described: Described;

  before(async () => {
    described = JSON.parse(readFileSync(join(FOLDER, 'described_model_scores.json'), 'utf8'));
    project = await newProject(config({}));
    await runSteps(project, STEPS);
  });
  after(cleanUp);

  it('purged and at risk, PR-AUC is not below the described model by more than noise', async (test) => {
    const { measures, data, proof } = await trainVersion(project, { at: null });
    const { value, interval } = measures.pr_auc;
    test.diagnostic(
      `PR-AUC ${value} ${JSON.stringify(interval)}, ROC-AUC ${measures.roc_auc.value}, ${data.test.rows} rows from ${data.test.from}`,
    );
    assert.equal(data.test.from, '2026-03-14');
    assert.equal(data.test.rows, described.purged_at_risk.test_rows);
    const theirs = described.purged_at_risk.pr_auc;
    assert.ok(value !== null && interval !== null);
    assert.ok(interval[1] >= theirs, `the interval ends at ${interval[1]}`);
    const noise = (interval[1] - interval[0]) / 2;
    assert.ok(value >= theirs - noise, `${value} is below ${theirs} by more than ${noise}`);
    // ONNX equals XGBoost within 1e-6 on every held-out row.
    assert.equal(proof.rows, data.test.rows);
    assert.ok(proof.max_difference <= 1e-6);
  });

  it('the leaking split of the described system flatters: without the purge gap the figure is far higher', async (test) => {
    const leaking = await copyOf(project, config({ purge_days: 0 }, 'all'));
    await runSteps(leaking, STEPS.slice(-1));
    const { measures, data } = await trainVersion(leaking, { at: null });
    test.diagnostic(
      `leaking: PR-AUC ${measures.pr_auc.value}, ${data.test.rows} rows from ${data.test.from}`,
    );
    assert.deepEqual([data.purge_days, data.test.rows], [0, described.as_described.test_rows]);
    const purged = (await project.registry.list())[0].measures.pr_auc.value as number;
    assert.ok((measures.pr_auc.value as number) > 0.9, `${measures.pr_auc.value}`);
    assert.ok((measures.pr_auc.value as number) > purged + 0.3);
  });
});
