export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function percent(share: number): string {
  const digits = share > 0 && share < 0.1 ? 1 : 0;
  return `${(100 * share).toFixed(digits)} %`;
}

/** The first of a list for a reason. */
export function shown(values: readonly string[], most = 6): string {
  return `${values.slice(0, most).join(', ')}${values.length > most ? ', ...' : ''}`;
}
