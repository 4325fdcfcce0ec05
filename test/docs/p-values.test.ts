import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rateInterval } from '../../src/monitor/performance/interval.js';

const PAGE = 'docs/p-values.md';

/** The rows of the table under a heading, by column. */
function tableUnder(heading: string): Record<string, string>[] {
  const page = readFileSync(PAGE, 'utf8');
  const section = page.slice(page.indexOf(`## ${heading}`)).split(/\n## /)[0];
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const head = cells(lines[0]);
  return lines.slice(2).map((line) => Object.fromEntries(cells(line).map((cell, i) => [head[i], cell])));
}

/** The 95 % interval, in percent, of a share that is printed in percent. */
function chanceOf(printed: string, checks: number): [number, number] {
  const share = Number.parseFloat(printed) / 100;
  const [low, high] = rateInterval(share, Math.sqrt((share * (1 - share)) / checks)) ?? [0, 4 / checks];
  return [100 * low, 100 * high];
}

test('p-values hold what they state: the band is in no interval of the simulation excluded', () => {
  const rows = tableUnder('Data that did not change');
  assert.equal(rows.length, 30);
  for (const row of rows) {
    const checks = Number(row.checks.replaceAll(',', ''));
    assert.ok(checks >= 2_000, `${row.column}, ${row['rows each']}: ${checks} checks`);
    for (const name of ['cells (PSI)', 'KS', 'Welch', 'missing']) {
      if (row[name] !== '-') {
        const [low, high] = chanceOf(row[name], checks);
        const least = row.continuous === 'yes' ? 0.5 : 0;
        assert.ok(low <= 1.5 && high >= least, `${row.column}, ${row['rows each']}: ${name} ${row[name]}`);
      }
    }
  }
});

test('and on user-days at most 3 %, whether the users are the same or others', () => {
  const rows = tableUnder('User-days that did not change');
  assert.deepEqual(new Set(rows.map(({ users }) => users)), new Set(['same', 'other']));
  for (const row of rows) {
    const [, high] = chanceOf(row['ours, by unit group'], Number(row.checks.replaceAll(',', '')));
    assert.ok(high <= 3, `${row['users x days']}: ${row['ours, by unit group']}`);
  }
});
