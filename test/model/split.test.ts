import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ChurnError } from '../../src/error.js';
import { splitByTime } from '../../src/model/split.js';
import { addDays, daysBetween } from '../../src/time.js';

const FROM = '2025-01-01';
const split = (days: number, purgeDays: number, testShare = 0.2, validationShare = 0.2) =>
  splitByTime({ days: { from: FROM, to: addDays(FROM, days) }, purgeDays, testShare, validationShare });

it('a year is learnt from, tested on its newest fifth, with gaps of the horizon', () => {
  assert.deepEqual(split(300, 30), {
    learn: { from: FROM, to: addDays(FROM, 210) },
    fit: { from: FROM, to: addDays(FROM, 138) },
    validation: { from: addDays(FROM, 168), to: addDays(FROM, 210) },
    test: { from: addDays(FROM, 240), to: addDays(FROM, 300) },
    because: 'validated on the newest 42 days, 30 days after those fitted',
  });
});

it('the split has a purge gap equal to the horizon: no label day of a learnt row is a test day', () => {
  const share = fc.double({ min: 0.05, max: 0.6, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 800 }),
      fc.integer({ min: 0, max: 90 }),
      share,
      share,
      (days, horizon, test, validation) => {
        try {
          const found = split(days, horizon, test, validation);
          const pairs = [
            [found.learn, found.test],
            ...(found.validation ? [[found.fit, found.validation]] : []),
          ];
          for (const [before, after] of pairs) {
            const lastRow = addDays(before.to, -1);
            const lastLabelDay = addDays(lastRow, horizon);
            assert.ok(lastLabelDay < after.from, `${lastLabelDay} reaches into ${after.from}`);
            assert.equal(daysBetween(before.to, after.from), horizon);
          }
          assert.equal(found.learn.from, FROM);
          assert.equal(found.test.to, addDays(FROM, days));
          assert.ok(
            found.learn.from < found.learn.to &&
              found.test.from < found.test.to &&
              found.fit.from < found.fit.to,
          );
          assert.equal(found.validation?.to ?? found.learn.to, found.learn.to);
        } catch (error) {
          assert.ok(error instanceof ChurnError && error.code === 'data.insufficient', String(error));
          assert.ok(
            days < horizon + Math.max(1, Math.round(days * test)) + 1,
            'refused although days were left',
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});

it('a history too short for a second gap is validated on held-out users', () => {
  const short = split(91, 30);
  assert.equal(short.validation, null);
  assert.deepEqual(short.fit, short.learn);
  assert.match(short.because, /too few for a second gap of 30: validated on held-out users/);
});

it('too short a history is told with the days that it needs', () => {
  assert.throws(() => split(35, 30), {
    code: 'data.insufficient',
    exitCode: 3,
    message: /at least 38 labelled days .*got 35 \(2025-01-01 to 2025-02-04\)/,
  });
});
