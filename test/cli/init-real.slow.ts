import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Proposal } from '../../src/data/discovery/proposal.js';
import { SHARED, WITHOUT_SHARED } from '../data/project.js';
import { call, cleanUp, newFolder } from '../jobs/project.js';

const PAGE = 'docs/init.md';

interface RealData {
  name: string;
  files: string[];
  /** What the page says that init gets wrong, and what shows that it still does. */
  wrong: [says: string, holds: (proposal: Proposal) => boolean][];
}

const value = (proposal: Proposal, key: string) =>
  proposal.settings.find(({ path }) => path.join('.') === key)?.value;

const keysOf = (proposal: Proposal, under: string) =>
  proposal.settings.map(({ path }) => path.join('.')).filter((key) => key.startsWith(under));

const DATA: RealData[] = [
  {
    name: 'section12',
    files: ['events.parquet', 'users.csv'],
    wrong: [
      ['A horizon of 14 days', (proposal) => value(proposal, 'label.horizon_days') === 14],
      [
        '`payment_failed` and `support_ticket` are not counted',
        (proposal) =>
          !keysOf(proposal, 'features.daily').some((key) => /payment_failed|support_ticket/.test(key)),
      ],
      ['`payment_fail_rate_30d`', (proposal) => JSON.stringify(value(proposal, 'features.ratios')) === '{}'],
      [
        '`engagement_score` is kept',
        (proposal) => (value(proposal, 'features.static') as string[]).includes('engagement_score'),
      ],
    ],
  },
  {
    name: 'oulad',
    files: [
      'vle_events.parquet',
      'students.csv',
      'courses.csv',
      'assessments.csv',
      'assessment_submissions.csv',
      'vle.csv',
    ],
    wrong: [
      [
        'One sign-up day for all',
        (proposal) =>
          JSON.stringify(value(proposal, 'sources.users.columns.signup_date')) ===
          `{"sql":"DATE '2013-01-23'"}`,
      ],
      [
        '`date_unregistration`',
        (proposal) => proposal.left_out.some(({ column }) => column === 'date_unregistration'),
      ],
      [
        'the end of a course',
        (proposal) => JSON.stringify(value(proposal, 'population.active_within_days')) === '30',
      ],
      [
        '`assessment_submissions.csv` is not used',
        (proposal) =>
          proposal.files.some(
            ({ files, role }) => files.endsWith('assessment_submissions.csv') && role === 'not used',
          ),
      ],
    ],
  },
  {
    name: 'retail',
    files: ['online_retail_2009_2010.parquet'],
    wrong: [
      ['Returns count as activity', (proposal) => keysOf(proposal, 'features.activity').length === 0],
      [
        'Postage, fees and corrections count as purchases',
        (proposal) =>
          JSON.stringify(value(proposal, 'sources.events.columns.event_type')) === `{"sql":"'purchase'"}`,
      ],
      [
        'The horizon is a guess',
        (proposal) =>
          proposal.settings.find(({ path }) => path.join('.') === 'label.horizon_days')?.confidence === 'low',
      ],
    ],
  },
  {
    name: 'cdnow',
    files: ['cdnow_master.txt'],
    wrong: [
      ['90 days are too short', (proposal) => value(proposal, 'label.horizon_days') === 90],
      [
        'Who bought once and long ago is not at risk',
        (proposal) => value(proposal, 'population.active_within_days') === 90,
      ],
    ],
  },
];

/** The keys that decide most, as the page shows them. */
const SHOWN = /^(sources|label|population|training)\.|^features\.(static|windows)$/;

function block(name: string, proposal: Proposal): string {
  const lines = proposal.settings
    .map(({ path, value: set, confidence }) => ({ key: path.join('.'), set, confidence }))
    .filter(({ key }) => SHOWN.test(key))
    .map(({ key, set, confidence }) => {
      const text = typeof set === 'string' ? set.replace(/^.*\/shared\/data\//, '') : JSON.stringify(set);
      return `${key}: ${text}${confidence === 'high' ? '' : `   (${confidence})`}`;
    });
  return [`<!-- ${name} -->`, '```', ...lines, '```'].join('\n');
}

const BLOCK = (name: string) => new RegExp(`<!-- ${name} -->\\n\`\`\`\\n[^]*?\\n\`\`\``);

interface Model {
  measures: { roc_auc: { value: number } };
}

describe('init --from on real data', { skip: WITHOUT_SHARED }, () => {
  after(cleanUp);
  for (const { name, files, wrong } of DATA) {
    const from = files.map((file) => join(SHARED, name, file));
    let folder: string;

    it(`${name}: proposes what the page says`, async () => {
      folder = await newFolder();
      const called = await call(folder, ['init', '--json', '--from', ...from]);
      assert.equal(called.code, 0, called.err);
      const { proposal } = called.json<{ proposal: Proposal }>();
      const said = block(name, proposal);
      if (process.env.UPDATE_DOCS) {
        writeFileSync(
          PAGE,
          readFileSync(PAGE, 'utf8').replace(BLOCK(name), () => said),
        );
      }
      const page = readFileSync(PAGE, 'utf8');
      assert.equal(BLOCK(name).exec(page)?.[0], said, 'run UPDATE_DOCS=1 npm run test:slow -- init');
      for (const [says, holds] of wrong) {
        assert.ok(page.includes(says), `the page does not say: ${says}`);
        assert.ok(holds(proposal), `no longer so: ${says}`);
      }
    });

    it(`${name}: runs, learns as well as the page says, scores and watches`, async () => {
      for (const command of ['run', 'train', 'promote', 'score']) {
        const ended = await call(folder, [command]);
        assert.equal(ended.code, 0, `${command}: ${ended.err}`);
      }
      const drift = await call(folder, ['drift', '--json']);
      assert.ok([0, 2].includes(drift.code), drift.err);
      const [model] = (await call(folder, ['models', '--json'])).json<Model[]>();
      const [, said] =
        new RegExp(`^\\| ${name} \\|.* ([0-9.]+) \\|$`, 'm').exec(readFileSync(PAGE, 'utf8')) ?? [];
      assert.ok(
        Math.abs(Number(said) - model.measures.roc_auc.value) < 0.02,
        `${said}: ${model.measures.roc_auc.value}`,
      );
    });
  }

  it('a table without times is refused with what can be done', async () => {
    const folder = await newFolder();
    const called = await call(folder, ['init', '--from', join(SHARED, 'static', 'telco_customer_churn.csv')]);
    assert.equal(called.code, 65);
    assert.match(called.err, /got no column with times.*churn-mlops drift --reference A --current B/);
  });
});
