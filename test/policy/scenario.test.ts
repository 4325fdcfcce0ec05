import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { dayOfNumber } from '../../src/time.js';
import { type Measured, parseScenario, type Scenario, type Statement } from './scenario.js';
import { printScenario } from './scenario-print.js';

const day = fc.integer({ min: 15_000, max: 25_000 }).map(dayOfNumber);
const version = fc.stringMatching(/^v[0-9]{1,4}$/);
const name = fc.stringMatching(/^f_[a-z0-9_]{0,12}$/);
const number = fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const measured: fc.Arbitrary<{ measures: Measured[]; positiveRate: number | null }> = fc.record({
  measures: fc.array(
    fc.record({
      measure: fc.constantFrom('pr_auc', 'roc_auc', 'log_loss', 'brier'),
      value: number,
      interval: maybe(fc.tuple(number, number)),
    }),
    { maxLength: 4 },
  ),
  positiveRate: maybe(number),
});

const feature = fc.record({ name, psi: number, nulls: maybe(number), noise: fc.boolean() });
const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc
    .record({ kind: fc.constant('champion' as const), version, trained: day, from: day, to: day })
    .chain((champion) => measured.map((rest) => ({ ...champion, ...rest }))),
  fc.constant({ kind: 'no-champion' as const }),
  fc.record({
    kind: fc.constant('drift' as const),
    version,
    status: fc.constantFrom('OK', 'WARN', 'FAIL', 'INSUFFICIENT'),
    rows: fc.nat(),
    features: fc.array(feature, { maxLength: 5 }),
  }),
  fc
    .record({ kind: fc.constant('evaluation' as const), version })
    .chain((evaluation) => measured.map((rest) => ({ ...evaluation, ...rest }))),
  fc.record({ kind: fc.constant('labelled' as const), until: day }),
  fc.record({ kind: fc.constant('retrain' as const), verdict: fc.constantFrom('promoted', 'held') }),
  fc.record({ kind: fc.constant('expect' as const), decision: fc.constantFrom('wait', 'retrain') }),
  fc.record({
    kind: fc.constant('expect-finding' as const),
    rule: name,
    says: fc.constantFrom('quiet', 'pending', 'firing', 'veto'),
    since: maybe(day),
  }),
);

// structuredClone: fast-check makes some objects without a prototype, which are not equal to those of the parser.
const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    settings: fc.array(
      fc.record({
        path: fc.stringMatching(/^[a-z_]+\.[a-z_]+$/),
        value: fc.oneof(number, fc.boolean(), name),
      }),
    ),
    days: fc
      .uniqueArray(fc.record({ day, statements: fc.array(statement) }), { selector: (one) => one.day })
      .map((days) => days.toSorted((a, b) => (a.day < b.day ? -1 : 1))),
  })
  .map((one) => structuredClone(one));

it('reads back every scenario that it writes', () => {
  fc.assert(fc.property(scenario, (one) => assert.deepEqual(parseScenario(printScenario(one)), one)));
});

it('reads the same whatever the indentation, comments and empty lines', () => {
  fc.assert(
    fc.property(scenario, (one) => {
      const lines = printScenario(one).split('\n');
      const strange = lines.map((line) => `\t ${line.trim().replaceAll(' ', '   ')}  # why`).join('\n\n');
      assert.deepEqual(parseScenario(strange), one);
    }),
  );
});

it('never fails but with the number of the line', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), scenario.map(printScenario)),
      fc.nat(),
      fc.string(),
      (text, at, junk) => {
        const place = text.length === 0 ? 0 : at % text.length;
        try {
          parseScenario(text.slice(0, place) + junk + text.slice(place));
        } catch (error) {
          assert.match((error as Error).message, /^line \d+: expected .*; got /s);
        }
      },
    ),
  );
});

it('refuses what it does not know', () => {
  const refused = (text: string, message: RegExp) => assert.throws(() => parseScenario(text), message);
  refused('expect wait', /line 1: expected a day before/);
  refused('2025-01-01\n  expekt wait', /line 2: expected champion.*got expekt/);
  refused('2025-01-01\n  expect wait now', /line 2: expected the end of the line; got now/);
  refused('2025-01-02\n2025-01-01', /line 2: expected a day after 2025-01-02/);
  refused('2025-01-01\n  drift v1 BAD', /OK, WARN, FAIL, INSUFFICIENT; got BAD/);
  refused('2025-01-01\n  champion v1 trained 2025-02-30 data', /a day; got 2025-02-30/);
});
