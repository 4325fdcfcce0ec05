import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Encoding, encodeInto, encodingOf } from '../../../src/model/encode.js';
import type { Manifest } from '../../../src/model/registry/manifest.js';
import { categoricalBins, numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues, tableProfile } from '../../../src/monitor/profile/count.js';
import type { ColumnProfile, TableProfile } from '../../../src/monitor/profile/profile.js';
import { random } from '../../../src/random.js';
import { counterOf } from '../../../src/serve/live-drift/counter.js';
import { openLiveDrift } from '../../../src/serve/live-drift/live-drift.js';
import type { LiveModel } from '../../../src/serve/parts.js';

const encoding = encodingOf([
  { name: 'minutes', type: 'number' },
  { name: 'rate', type: 'number' },
  { name: 'plan', type: 'category', categories: ['free', 'paid'] },
]);
const RATES = [0, 1 / 3, 0.1, 2 / 3, 1];

interface Table {
  minutes: Float64Array;
  rate: Float64Array;
  plan: (string | null)[];
}

function table(rows: number, seed: number, shift = 0): Table {
  const { uniform, normal } = random(seed);
  return {
    minutes: Float64Array.from({ length: rows }, () =>
      uniform() < 0.1 ? Number.NaN : normal() * 10 + shift,
    ),
    rate: Float64Array.from({ length: rows }, () => RATES[Math.floor(uniform() * RATES.length)]),
    plan: Array.from({ length: rows }, () => {
      const u = uniform();
      return u < 0.05 ? null : u < 0.6 ? 'free' : u < 0.95 ? 'paid' : 'gone';
    }),
  };
}

const learnt = table(20_000, 1);
const score = Float64Array.from({ length: 20_000 }, (_, i) => (i % 1000) / 1000);

function referenceOf(withScore = true): TableProfile {
  const columns: ColumnProfile[] = [
    profileOfValues('minutes', numericBins(learnt.minutes), learnt.minutes),
    profileOfValues('rate', numericBins(learnt.rate), learnt.rate),
    profileOfValues(
      'plan',
      categoricalBins(learnt.plan.filter((p) => p !== null).map((p) => [p, 1])),
      learnt.plan,
    ),
    ...(withScore ? [profileOfValues('churn_risk', numericBins(score), score)] : []),
  ];
  return tableProfile(columns, null);
}

function encoded({ minutes, rate, plan }: Table): Float32Array[] {
  const width = encoding.columns.length;
  const values = new Float32Array(minutes.length * width);
  encodeInto(encoding, [minutes, rate, plan], minutes.length, values, 0);
  return Array.from(minutes, (_, i) => values.subarray(i * width, (i + 1) * width));
}

function model(version: string, own: Encoding = encoding): LiveModel {
  return { manifest: { version } as Manifest, encoding: own } as LiveModel;
}

const registryOf = (profile: () => TableProfile) => ({ profile: async (_: Manifest) => profile() });

async function served(rows: Float32Array[], options: Partial<Parameters<typeof openLiveDrift>[0]> = {}) {
  const drift = openLiveDrift({ registry: registryOf(referenceOf), ...options });
  const live = model('a');
  drift.add(live, new Float32Array(encoding.columns.length), 0.5);
  await turn();
  rows.forEach((row, i) => drift.add(live, row, (i % 1000) / 1000));
  return { drift, live };
}

test('the same days again are no drift, though rows were rounded to float32', async () => {
  const { drift } = await served(encoded(table(8000, 2)));
  const { report, rows, version, left_out, assumes } = drift.report()!;
  assert.equal(report.status, 'OK', JSON.stringify(report.psi_by_feature));
  assert.ok(report.overall_max_psi! < 0.02, `${report.overall_max_psi}`);
  assert.deepEqual([rows, version, left_out], [8000, 'a', []]);
  assert.deepEqual(Object.keys(report.psi_by_feature), ['minutes', 'rate', 'plan', 'churn_risk']);
  assert.match(assumes, /independent/);
  assert.equal(drift.problem(), null);
});

test('values that moved are found, by feature', async () => {
  const { drift } = await served(encoded(table(3000, 2, 20)));
  const { report } = drift.report()!;
  assert.equal(report.status, 'FAIL');
  assert.ok(report.psi_by_feature.minutes! > 1);
  assert.ok(report.psi_by_feature.plan! < 0.05);
  assert.match(report.features[0].because, /minutes/);
});

test('a category the model does not know is unseen, and one it never knew is none', async () => {
  const now = table(3000, 2);
  const { drift } = await served(
    encoded({ ...now, plan: now.plan.map((plan, i) => (i % 3 === 0 ? 'new' : plan)) }),
  );
  const plan = drift.report()!.report.features[2];
  assert.equal(plan.status, 'FAIL');
  assert.match(plan.because, /values that the reference does not have/);
});

test('the score is compared when the reference holds it, and the report says when not', async () => {
  const { drift } = await served(encoded(table(500, 2)), { registry: registryOf(() => referenceOf(false)) });
  const { report, left_out } = drift.report()!;
  assert.ok(!('churn_risk' in report.psi_by_feature));
  assert.deepEqual(left_out, [{ name: 'churn_risk', reason: 'the reference has no profile of the score' }]);
});

test('counts equal those of profileOfValues over the same bins', () => {
  const now = table(5000, 3, 5);
  const rows = encoded(now);
  const references = referenceOf(false).columns;
  const counter = counterOf(
    encoding,
    references.map((reference, index) => ({ index, reference })),
    null,
  );
  const tallies = [counter.newTally(), counter.newTally()];
  rows.forEach((row, i) => counter.add(tallies[i % 2], row, new Float32Array(1), 1));
  const [minutes, rate, plan] = counter.profiles(tallies);
  for (const [found, values] of [
    [minutes, now.minutes],
    [rate, now.rate],
  ] as const) {
    const expected = profileOfValues(found.name, found.bins, Float64Array.from(values, Math.fround));
    assert.deepEqual({ ...found, moments: null }, { ...expected, moments: null });
    for (const part of ['finite', 'min', 'max', 'below', 'above', 'sum', 'sum_squares'] as const) {
      const [a, b] = [found.moments![part]!, expected.moments![part]!];
      assert.ok(Math.abs(a - b) <= 1e-9 * Math.abs(b), `${part} ${a} ${b}`);
    }
  }
  const expected = profileOfValues(
    'plan',
    plan.bins,
    now.plan.map((p) => (p === 'gone' ? 'unknown' : p)),
  );
  assert.deepEqual([plan.counts, plan.nulls, plan.rows], [expected.counts, expected.nulls, 5000]);
});

test('the window rolls: old rows leave it', async () => {
  const { drift, live } = await served(encoded(table(2000, 2, 50)), { slices: 4, rowsPerSlice: 500 });
  assert.equal(drift.report()!.report.status, 'FAIL');
  for (const row of encoded(table(2000, 3))) {
    drift.add(live, row, 0.5);
  }
  const { rows, report } = drift.report()!;
  assert.equal(rows, 2000);
  assert.ok(report.psi_by_feature.minutes! < 0.05);
});

test('rows that come together count as rows that come one by one, whenever somebody looks', async () => {
  const rows = encoded(table(5300, 4, 3));
  const options = { slices: 4, rowsPerSlice: 500 };
  const { drift: single, live } = await served(rows, options);
  const { drift: together } = await served([], options);
  const width = encoding.columns.length;
  const values = Float32Array.from(rows.flatMap((row) => [...row]));
  const probabilities = Float32Array.from(rows, (_, i) => (i % 1000) / 1000);
  for (let from = 0; from < rows.length; ) {
    const to = Math.min(from + 1 + ((from * 7) % 900), rows.length);
    together.addRows(live, values.subarray(from * width, to * width), probabilities.subarray(from, to));
    together.report();
    from = to;
  }
  assert.equal(together.report()!.rows, 1800);
  assert.deepEqual(together.report(), single.report());
});

test('a model change begins a window of its own; stragglers do not mix', async () => {
  const { drift, live } = await served(encoded(table(1000, 2, 50)));
  const next = model('b');
  const rows = encoded(table(1000, 3));
  drift.add(next, rows[0], 0.5);
  assert.equal(drift.report(), null);
  await turn();
  rows.forEach((row, i) => drift.add(i % 100 === 0 ? live : next, row, 0.5));
  const { version, rows: counted, report } = drift.report()!;
  assert.equal(version, 'b');
  assert.equal(counted, 990);
  assert.ok(report.psi_by_feature.minutes! < 0.1);
});

test('without rows, and without a usable reference, there is no report but a reason', async () => {
  assert.equal(openLiveDrift({ registry: registryOf(referenceOf) }).report(), null);
  const few = await served(encoded(table(50, 2)));
  assert.equal(few.drift.report(), null);
  const broken = await served(encoded(table(500, 2)), {
    registry: { profile: () => Promise.reject(new Error('the file was changed')) },
  });
  assert.equal(broken.drift.report(), null);
  assert.match(broken.drift.problem()!, /the file was changed/);
  const other = await served(encoded(table(500, 2)), {
    registry: registryOf(() => tableProfile([{ ...referenceOf().columns[2], name: 'minutes' }], null)),
  });
  assert.equal(other.drift.report()!.report.status, 'INSUFFICIENT');
  assert.match(
    other.drift.report()!.left_out[0].reason,
    /number for the model, categorical in the reference/,
  );
});
