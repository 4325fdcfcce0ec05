import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treatmentReport } from '../../../src/monitor/performance/treatment.js';
import { random } from '../../../src/random.js';
import { scoredUsers } from './scored-users.js';

const OPTIONS = { seed: 1, draws: 200 };

/** The top third gets an offer that keeps nine in ten; a random fifth of them is held out. */
function campaign() {
  const sample = scoredUsers({ users: 4_000, days: 1, seed: 'campaign' });
  const chance = random('offers');
  const chosen = sample.scores.map((score) => (score > 0.4 ? 1 : 0));
  const heldOut = Float64Array.from(chosen, () => (chance.uniform() < 0.2 ? 1 : 0));
  const treated = chosen.map((flag, row) => (flag === 1 && heldOut[row] === 0 ? 1 : 0));
  const labels = sample.labels.map((label, row) =>
    treated[row] === 1 && chance.uniform() < 0.9 ? 0 : label,
  );
  return { sample: { ...sample, labels }, truth: sample.labels, treated, heldOut };
}

test('a campaign that works makes a good model look broken; the random hold-out shows what it is worth', () => {
  const { sample, truth, treated, heldOut } = campaign();
  const all = treatmentReport(sample, { treated, heldOut }, OPTIONS)!;
  const worth = treatmentReport(
    { ...sample, labels: truth },
    { treated: treated.map(() => 0), heldOut },
    OPTIONS,
  )!;
  const [seen, held] = [all.treated.measures.roc_auc, all.hold_out!.measures.roc_auc];
  assert.ok(all.treated.positive_rate! < 0.2 * worth.untreated.positive_rate!);
  assert.ok(Math.abs(held.value! - worth.untreated.measures.roc_auc.value!) < 0.03, `${held.value}`);
  assert.ok(held.value! > seen.value! + 0.05, `${held.value} against ${seen.value}`);
  assert.equal(all.warning, null);
  assert.equal(all.treated.rows + all.untreated.rows, sample.labels.length);
});

test('only treated rows left is a warning, and so are untreated ones that somebody chose', () => {
  const { sample, treated } = campaign();
  const none = new Float64Array(treated.length).fill(Number.NaN);
  const everybody = treatmentReport(sample, { treated: treated.map(() => 1), heldOut: none }, OPTIONS)!;
  assert.match(everybody.warning!, /only treated rows are left/);
  assert.equal(everybody.untreated.measures.roc_auc.value, null);
  assert.match(treatmentReport(sample, { treated, heldOut: none }, OPTIONS)!.warning!, /no random hold-out/);
  assert.equal(treatmentReport(sample, { treated: none, heldOut: none }, OPTIONS), null, 'nothing is known');
  const half = treated.map((flag, row) => (row % 2 === 0 ? flag : Number.NaN));
  assert.equal(treatmentReport(sample, { treated: half, heldOut: none }, OPTIONS)!.unknown, 2_000);
});

test('who was drawn is enough: the hold-out is untreated, and the rest beside it tells what treating does', () => {
  const { sample, treated, heldOut } = campaign();
  const none = new Float64Array(treated.length).fill(Number.NaN);
  const drawn = heldOut.reduce((sum, flag) => sum + flag, 0);
  const report = treatmentReport(sample, { treated: none, heldOut }, OPTIONS)!;
  assert.deepEqual(
    [report.hold_out!.rows, report.untreated.rows, report.rest!.rows, report.treated.rows, report.unknown],
    [drawn, drawn, 4_000 - drawn, 0, 4_000 - drawn],
  );
  assert.ok(report.hold_out!.positive_rate! > report.rest!.positive_rate! + 0.1, 'the offer works');
  assert.equal(report.warning, null);
});

test('a hold-out that was treated after all is told', () => {
  const { sample, treated, heldOut } = campaign();
  const mistaken = Float64Array.from(treated, (flag, row) => (row < 100 ? 1 : flag));
  const { hold_out, warning } = treatmentReport(sample, { treated: mistaken, heldOut }, OPTIONS)!;
  const spoilt = heldOut.slice(0, 100).reduce((sum, flag) => sum + flag, 0);
  assert.match(warning!, new RegExp(`^${spoilt} of the random hold-out were treated`));
  assert.equal(hold_out!.rows, heldOut.reduce((sum, flag) => sum + flag, 0) - spoilt);
});
