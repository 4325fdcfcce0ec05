import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableDrift } from '../../../src/monitor/drift/judge.js';
import { raisedLevels } from '../../../src/monitor/drift/levels.js';
import { calibrate, learntLevels, replayReference } from '../../../src/monitor/drift/replay.js';
import { segmentDrift } from '../../../src/monitor/drift/segments.js';
import { statusOf } from '../../../src/monitor/drift/status.js';
import { numericBins } from '../../../src/monitor/profile/bins.js';
import { profileOfValues, tableProfile } from '../../../src/monitor/profile/count.js';
import type { TableProfile } from '../../../src/monitor/profile/profile.js';
import { sumOf, sumsOutside } from '../../../src/monitor/profile/sum.js';
import { random } from '../../../src/random.js';

const OPTIONS = { warn: 0.1, fail: 0.25, seed: 1 };
const chance = random('verdicts');
const grid = Float64Array.from({ length: 20_000 }, () => chance.normal());
const BINS = { x: numericBins(grid), y: numericBins(grid) };

/** Rows of users who each have one row; `shift` moves x. */
function table(rows: number, shift: number, seed: string, users = true): TableProfile {
  const { normal, integer } = random(seed);
  const values = (by: number) => Float64Array.from({ length: rows }, () => normal() + by);
  const groups = Uint8Array.from({ length: rows }, () => integer(64));
  const columns = (['x', 'y'] as const).map((name) =>
    profileOfValues(name, BINS[name], values(name === 'x' ? shift : 0), users ? groups : undefined),
  );
  return tableProfile(columns, users ? rows : null);
}

test('the status by share counts judged features only, and needs half of them', () => {
  const rule = { by: 'share', warn: 0.2, fail: 0.5 } as const;
  const of = (...list: ('OK' | 'WARN' | 'FAIL' | 'INSUFFICIENT')[]) =>
    statusOf(
      list.map((status) => ({ status })),
      rule,
    );
  assert.equal(of('FAIL', 'OK', 'OK', 'OK', 'OK', 'OK'), 'OK');
  assert.equal(of('FAIL', 'OK', 'OK', 'OK', 'OK'), 'WARN');
  assert.equal(of('FAIL', 'WARN', 'OK'), 'FAIL');
  assert.equal(of('FAIL', 'INSUFFICIENT', 'OK', 'INSUFFICIENT'), 'WARN');
  assert.equal(of('OK', 'INSUFFICIENT', 'INSUFFICIENT'), 'INSUFFICIENT');
  assert.equal(of(), 'INSUFFICIENT');
});

test('the status of a check goes by share when asked to', () => {
  const [before, after] = [table(4_000, 0, 'share', false), table(4_000, 0.8, 'share 2', false)];
  assert.equal(tableDrift(before, after, OPTIONS).status, 'FAIL');
  const rule = { by: 'share', warn: 0.3, fail: 0.6 } as const;
  assert.equal(tableDrift(before, after, { ...OPTIONS, status: rule }).status, 'WARN');
});

test('features are weighed by their importance', () => {
  const [before, after] = [table(4_000, 0, 'weight', false), table(4_000, 0.8, 'weight 2', false)];
  const [x, y] = tableDrift(before, after, { ...OPTIONS, importance: { x: 1, other: 3 } }).features;
  assert.equal(x.importance, 0.25);
  assert.ok(Math.abs(x.priority! - (0.25 * x.value!) / 0.25) < 1e-12);
  assert.deepEqual([y.importance, y.priority], [null, null]);
});

/** Days of 100 users; every 14 days all of them do something else for 3 days. */
function days(count: number, holiday: number) {
  return Array.from({ length: count }, (_, i) => ({
    day: 20_000 + i,
    profile: table(150, i % 14 < 3 ? holiday : 0, `day ${i}`),
  }));
}

test('sums outside a stretch are the sums of all other days', () => {
  const list = days(9, 0).map(({ profile }) => profile);
  const outside = sumsOutside(list);
  for (const [from, to] of [
    [0, 3],
    [2, 5],
    [6, 9],
  ]) {
    assert.deepEqual(
      outside(from, to)!.columns[0].counts,
      sumOf([...list.slice(0, from), ...list.slice(to)])!.columns[0].counts,
    );
  }
  assert.equal(outside(0, 9), null);
});

test('a budget of false alarms is met by raising the levels, and the rate achieved is told', () => {
  const replayed = replayReference(days(140, 1.2), { ...OPTIONS, windowDays: 3 });
  assert.equal(replayed.length, 138);
  const persistent = { needed: 1, of: 1 };
  const free = calibrate(replayed, { pages: 1000, days: 91, ...persistent })!;
  assert.equal(free.scale, 1);
  assert.ok(free.pages >= 8, `${free.pages} pages`);
  const kept = calibrate(replayed, { pages: 1, days: 91, ...persistent })!;
  assert.ok(kept.scale > 1 && kept.pages <= 1 && kept.pages_before === free.pages);
  assert.ok(Math.abs(kept.pages_a_year - (kept.pages * 365.25) / 138) < 1e-9);
  assert.ok(Math.abs(kept.asked_a_year - 365.25 / 91) < 1e-9);
  const patient = calibrate(replayed, { pages: 1, days: 91, needed: 3, of: 3 })!;
  assert.ok(patient.scale <= kept.scale);
  assert.equal(calibrate([], { pages: 1, days: 91, ...persistent }), null);
});

test('quiet days need no raised levels', () => {
  const replayed = replayReference(days(60, 0), { ...OPTIONS, windowDays: 7 });
  const calibration = calibrate(replayed, { pages: 1, days: 91, needed: 1, of: 1 })!;
  assert.deepEqual([calibration.scale, calibration.pages], [1, 0]);
});

test("levels are learnt from the reference's own windows where these are enough, and never lowered", () => {
  const replayed = replayReference(days(112, 1.2), { ...OPTIONS, windowDays: 7 });
  const learnt = learntLevels(replayed, { windowDays: 7, weekdayOf: null });
  assert.ok(learnt.x.windows >= 15 && learnt.x.fail > learnt.x.warn && learnt.x.warn > learnt.y.warn);
  const by = raisedLevels(
    OPTIONS,
    [
      { name: 'x', bins: BINS.x },
      { name: 'y', bins: BINS.y },
    ],
    learnt,
    1,
  );
  assert.equal(by.x.warn, Math.max(0.1, learnt.x.warn));
  assert.equal(by.y.fail, 0.25);
  assert.equal(raisedLevels(OPTIONS, [{ name: 'y', bins: BINS.y }], learnt, 2).y.fail, 0.5);
  const weekday = learntLevels(replayed, { windowDays: 7, weekdayOf: 20_006 });
  assert.ok(weekday.x.windows >= 14);
  assert.deepEqual(learntLevels(replayed.slice(0, 40), { windowDays: 7, weekdayOf: null }), {});
});

test('segments are judged with p-values adjusted over all, and the one that explains the drift is named', () => {
  const segment = (value: string, shift: number) => ({
    column: 'plan',
    value,
    reference: table(3_000, 0, `${value} before`, false),
    current: table(3_000, shift, `${value} now`, false),
  });
  const report = segmentDrift([segment('free', 0), segment('paid', 2), segment('gold', 0)], ['x'], OPTIONS);
  assert.deepEqual(
    report.segments.map(({ value, status }) => [value, status]),
    [
      ['free', 'OK'],
      ['paid', 'FAIL'],
      ['gold', 'OK'],
    ],
  );
  const [explained, ...others] = report.explained;
  assert.deepEqual([explained.feature, explained.value, others.length], ['x', 'paid', 0]);
  assert.ok(explained.part > 0.9);
  assert.match(explained.because, /^without plan = paid the drift of x would be 0\.0\d\d instead of/);
  assert.ok(Math.abs(report.segments[0].share.current - 1 / 3) < 1e-9);
  const few = segmentDrift([{ ...segment('a', 0), current: table(5, 0, 'five', false) }], [], OPTIONS);
  assert.equal(few.segments[0].status, 'INSUFFICIENT');
});
