import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cronLine, cronProblem } from '../../src/config/cron.js';
import { judge } from '../../src/schedule/due.js';

const HOUR = 3_600_000;
const daily = cronLine('0 1 * * *', 'Etc/UTC');
const at = (text: string) => new Date(text);
const times = (...texts: string[]) => texts.map((text) => Date.parse(text));
const within = (now: string, hours = 1) => ({ now: at(now), deadlineMilliseconds: hours * HOUR });

describe('due times', () => {
  it('are those of cron, to the second', () => {
    assert.equal(daily.next(at('2026-01-05T01:00:00Z'))?.toISOString(), '2026-01-06T01:00:00.000Z');
    assert.equal(daily.newest(at('2026-01-05T01:00:00Z'))?.toISOString(), '2026-01-05T01:00:00.000Z');
    assert.equal(daily.newest(at('2026-01-05T00:59:59.999Z'))?.toISOString(), '2026-01-04T01:00:00.000Z');
    const weekly = cronLine('0 3 * * 0', 'Etc/UTC');
    assert.equal(weekly.next(at('2026-01-05T00:00:00Z'))?.toISOString(), '2026-01-11T03:00:00.000Z');
    const vienna = cronLine('30 2 * * *', 'Europe/Vienna');
    assert.equal(vienna.next(at('2026-01-05T00:00:00Z'))?.toISOString(), '2026-01-05T01:30:00.000Z');
    assert.equal(vienna.next(at('2026-07-05T00:00:00Z'))?.toISOString(), '2026-07-05T00:30:00.000Z');
  });

  it('newest and next enclose every instant', () => {
    const lines = ['0 1 * * *', '*/7 * * * *', '0 3 * * 0', '15 4 1 * *', '*/5 * * * * *'];
    fc.assert(
      fc.property(
        fc.constantFrom(...lines),
        fc.integer({ min: Date.UTC(2020), max: Date.UTC(2035) }),
        (line, time) => {
          const cron = cronLine(line, 'Etc/UTC');
          const [newest, next] = [cron.newest(new Date(time)), cron.next(new Date(time))];
          assert.ok(newest !== null && next !== null && newest.getTime() <= time && time < next.getTime());
          assert.equal(cron.next(newest)?.getTime(), next.getTime(), 'nothing lies between');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('say what is wrong with an expression', () => {
    assert.equal(cronProblem('0 1 * * *', 'Etc/UTC'), null);
    assert.ok(cronProblem('0 25 * * *', 'Etc/UTC'));
    assert.ok(cronProblem('often', 'Etc/UTC'));
    assert.ok(cronProblem('0 0 30 2 *', 'Etc/UTC'), 'never due');
  });
});

describe('a line of the schedule', () => {
  it('begins with what comes: what was due before it was known is not made up for', () => {
    const verdict = judge(daily, [], within('2026-01-05T01:10:00Z'));
    assert.deepEqual(verdict, { does: 'begin', due: at('2026-01-05T01:00:00Z') });
    assert.deepEqual(judge(daily, times('2026-01-05T01:00:00Z'), within('2026-01-05T12:00:00Z')), {
      does: 'nothing',
    });
  });

  it('is run when due, and made up for within its deadline, once, with what was missed before', () => {
    const known = times('2026-01-05T01:00:00Z');
    assert.deepEqual(judge(daily, known, within('2026-01-06T01:00:00Z')), {
      does: 'run',
      due: at('2026-01-06T01:00:00Z'),
      missed: [],
    });
    assert.deepEqual(judge(daily, known, within('2026-01-08T01:59:00Z')), {
      does: 'run',
      due: at('2026-01-08T01:00:00Z'),
      missed: [at('2026-01-06T01:00:00Z'), at('2026-01-07T01:00:00Z')],
    });
  });

  it('is missed after its deadline', () => {
    assert.deepEqual(judge(daily, times('2026-01-05T01:00:00Z'), within('2026-01-07T02:01:00Z')), {
      does: 'miss',
      missed: [at('2026-01-06T01:00:00Z'), at('2026-01-07T01:00:00Z')],
    });
  });

  it('names at most a hundred missed due times after a long downtime', () => {
    const minutely = cronLine('* * * * *', 'Etc/UTC');
    const verdict = judge(minutely, times('2020-01-01T00:00:00Z'), within('2026-01-07T02:01:30Z'));
    assert.ok(verdict.does === 'run' && verdict.missed.length === 99);
    assert.equal(verdict.due.toISOString(), '2026-01-07T02:01:00.000Z');
  });

  it('is quiet when the clock goes back to before its record', () => {
    const known = times('2026-01-05T01:00:00Z', '2026-01-06T01:00:00Z');
    assert.deepEqual(judge(daily, known, within('2026-01-03T01:00:30Z')), { does: 'nothing' });
    assert.deepEqual(judge(daily, known, within('2026-01-05T01:00:30Z')), { does: 'nothing' });
  });
});
