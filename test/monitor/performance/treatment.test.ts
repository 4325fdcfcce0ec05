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
  const { sample, treated, heldOut } = campaign();
  const none = new Float64Array(treated.length).fill(Number.NaN);
  const everybody = treatmentReport(sample, { treated: treated.map(() => 1), heldOut: none }, OPTIONS)!;
  assert.match(everybody.warning!, /only treated rows are left/);
  assert.equal(everybody.untreated.measures.roc_auc.value, null);
  assert.match(treatmentReport(sample, { treated, heldOut: none }, OPTIONS)!.warning!, /no random hold-out/);
  assert.equal(treatmentReport(sample, { treated: none, heldOut }, OPTIONS), null, 'nothing is known');
  const half = treated.map((flag, row) => (row % 2 === 0 ? flag : Number.NaN));
  assert.equal(treatmentReport(sample, { treated: half, heldOut }, OPTIONS)!.unknown, 2_000);
});
