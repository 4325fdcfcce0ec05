export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** A share as people say it: 3.4 %, 27 %, and never 0 % for what does occur. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) {
    return 'under 0.1 %';
  }
  return `${Number((100 * share).toFixed(share < 0.1 ? 1 : 0))} %`;
}

/** The first of a list for a reason. */
export function shown(values: readonly string[], most = 6): string {
  return `${values.slice(0, most).join(', ')}${values.length > most ? ', ...' : ''}`;
}
