import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { COVERED, type Coverage, coverageOf, POPULATIONS } from './coverage.js';

/**
 * Samples of each population: the standard error of a share of 95 % is then 0.5 %. `UPDATE_DOCS=1 npm run test:slow --
 * coverage` writes docs/coverage.md.
 */
const SAMPLES = 2_000;
const PAGE = 'docs/coverage.md';

test('stated 95 % intervals hold the truth in 93 to 97 % of samples, from 50 users of each class on', () => {
  const found = POPULATIONS.map((population) => coverageOf(population, SAMPLES));
  const page = pageOf(found);
  if (process.env.UPDATE_DOCS) {
    writeFileSync(PAGE, page);
  }
  for (const { population, classes, held } of found) {
    assert.ok(Math.min(...classes) >= 45, `${population.title}: ${classes}`);
    for (const id of COVERED) {
      assert.ok(held[id] >= 0.93 && held[id] <= 0.97, `${population.title}: ${id} ${held[id]}`);
    }
  }
  assert.equal(readFileSync(PAGE, 'utf8'), page, `run UPDATE_DOCS=1 npm run test:slow -- coverage`);
});

function pageOf(found: readonly Coverage[]): string {
  const rows = found.map(({ population, classes, held }) => [
    population.title,
    String(population.users),
    String(population.rowsPerUser),
    `${classes[0].toFixed(0)} / ${classes[1].toFixed(0)}`,
    ...COVERED.map((id) => (100 * held[id]).toFixed(1)),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['population', 'users', 'rows each', 'with a positive / negative row', ...COVERED];
  return `# How often the intervals hold

Stated are 95 %. ${SAMPLES.toLocaleString('en-US')} samples of each population, so that a figure is known to half a point (one standard error); the truth is that
of a million rows. Flagged are scores of 0.4 and more. ROC AUC by DeLong (one row a user) or Obuchowski; the others by the jackknife over
users up to 1,000 users, with Student's t for the users of the smaller class, and by the bootstrap above. PR AUC, ROC AUC and Brier on
the logit scale, log loss and lift on that of logarithms; precision, recall and F1 by Wilson's interval with as many rows as would give
their standard error: few flagged rows make a rate coarse, which the logit scale answers with intervals that hold in 97 to 98 %. Made by
\`UPDATE_DOCS=1 npm run test:slow -- coverage\` (test/monitor/performance/coverage.ts).

${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}
`;
}
