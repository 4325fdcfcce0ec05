/** A text column needs this many distinct values before it can be taken for an identifier. */
const FEWEST_DISTINCT = 50;

/**
 * Says why a text column is an identifier and not a category, or null when it may be used. An identifier has a value
 * of its own in more than half of its rows, or (when `units` is given) for at least nine in ten units: its
 * profile would be one bin per user, and every new user would be drift.
 */
export function refuseIdentifier(distinct: number, rows: number, units?: number): string | null {
  if (distinct <= FEWEST_DISTINCT) {
    return null;
  }
  if (distinct > rows / 2) {
    return `${distinct} distinct values in ${rows} rows: an identifier or free text, not a category`;
  }
  if (units !== undefined && distinct >= 0.9 * units) {
    return `${distinct} distinct values for ${units} units: an identifier of the unit, not a category`;
  }
  return null;
}
