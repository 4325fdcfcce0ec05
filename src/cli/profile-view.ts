import { coarseCells } from '../monitor/profile/coarse.js';
import { meanOf, varianceOf } from '../monitor/profile/moments.js';
import type { ColumnProfile, TableProfile } from '../monitor/profile/profile.js';
import { dayOfNumber } from '../time.js';
import { bar, counted, type Output, percent } from './output.js';

/** Categories that are drawn one by one. */
const MOST_DRAWN = 12;
const WIDTH = 24;

/** Every column with its facts and a bar for each coarse bin. */
export function showProfile(output: Output, profile: TableProfile): void {
  const { rows, units, window, columns } = profile;
  const days = window ? `, ${window.from} to ${window.to} (not included)` : '';
  output.line(
    `${counted(rows, 'row')}${units === null ? '' : ` of ${counted(units, 'unit')}`}, ${counted(columns.length, 'column')}${days}`,
  );
  for (const column of columns) {
    output.line();
    output.line(`${output.tone('strong', column.name)}  ${output.tone('dim', factsOf(column))}`);
    const cells = coarseCells(column).filter(({ count: held }) => held > 0);
    const drawn = cells.slice(0, MOST_DRAWN);
    const rest = cells.slice(MOST_DRAWN).reduce((sum, cell) => sum + cell.count, 0);
    const all = [
      ...drawn,
      ...(rest > 0 ? [{ label: `${cells.length - MOST_DRAWN} more`, count: rest }] : []),
    ];
    const most = Math.max(...all.map((cell) => cell.count));
    output.table(
      ['', '', ''],
      all.map((cell) => [
        `  ${labelOf(column, cell.label)}`,
        percent(cell.count / rows),
        bar(cell.count, most, WIDTH),
      ]),
      ['left', 'right', 'left'],
    );
  }
}

function factsOf(column: ColumnProfile): string {
  const { moments, nulls, rows, bins } = column;
  const kind = column.type ?? bins.kind;
  const missing = nulls === 0 ? 'no nulls' : `${percent(nulls / rows)} null`;
  if (moments === null) {
    const names = bins.kind === 'categorical' ? bins.categories.length + bins.rare.length : 0;
    return `${kind}, ${missing}, ${names} categories`;
  }
  if (moments.min === null || moments.max === null) {
    return `${kind}, ${missing}`;
  }
  if (column.type === 'date') {
    return `${kind}, ${missing}, ${dayOfNumber(moments.min)} to ${dayOfNumber(moments.max)}`;
  }
  const number = (x: number | null) => (x === null ? '-' : String(Number(x.toPrecision(4))));
  const variance = varianceOf(moments);
  const deviation = variance === null ? null : Math.sqrt(variance);
  return `${kind}, ${missing}, ${number(moments.min)} to ${number(moments.max)}, mean ${number(meanOf(moments))}, sd ${number(deviation)}`;
}

/** Bins of dates are told as days. */
function labelOf({ type }: ColumnProfile, label: string): string {
  return type === 'date'
    ? label.replace(/-?\d+(\.\d+)?(e\+\d+)?/g, (digits) => dayOfNumber(Math.floor(Number(digits))))
    : label;
}
