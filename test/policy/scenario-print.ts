import type { Measured, Scenario, Statement } from './scenario.js';

/** Writes a scenario as text that `parseScenario` reads back. */
export function printScenario({ settings, days }: Scenario): string {
  const policy = settings.map(({ path, value }) => `policy ${path} ${value}`);
  const story = days.flatMap(({ day, statements }) => [
    '',
    day,
    ...statements.map((one) => `  ${printStatement(one)}`),
  ]);
  return `${[...policy, ...story].join('\n')}\n`;
}

function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'champion': {
      const { version, trained, from, to } = statement;
      return `champion ${version} trained ${trained} data ${from}..${to}${printMeasures(statement)}`;
    }
    case 'no-champion':
      return 'no champion';
    case 'drift':
      return printDrift(statement);
    case 'evaluation':
      return `evaluation ${statement.version}${printMeasures(statement)}`;
    case 'labelled':
      return `labelled ${statement.until}`;
    case 'retrain':
      return `retrain ${statement.verdict}`;
    case 'expect':
      return `expect ${statement.decision}`;
    case 'expect-finding': {
      const since = statement.since === null ? '' : ` since ${statement.since}`;
      return `expect ${statement.rule} ${statement.says}${since}`;
    }
  }
}

function printDrift({ version, status, rows, features }: Extract<Statement, { kind: 'drift' }>): string {
  const each = features.map(
    ({ name, psi, nulls, noise }) =>
      ` ${name} ${psi}${nulls === null ? '' : ` nulls ${nulls}`}${noise ? ' noise' : ''}`,
  );
  return `drift ${version} ${status} rows ${rows}${each.join('')}`;
}

function printMeasures({
  measures,
  positiveRate,
}: {
  measures: Measured[];
  positiveRate: number | null;
}): string {
  const each = measures.map(
    ({ measure, value, interval }) => ` ${measure} ${value}${interval ? ` ${interval.join('..')}` : ''}`,
  );
  return `${each.join('')}${positiveRate === null ? '' : ` positive_rate ${positiveRate}`}`;
}
