/** Columns that one scan reads: with more of them the engine's memory would grow with the width of a table. */
export const COLUMNS_AT_A_TIME = 100;

/** A list in lists of at most so many items, in order. */
export function inParts<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, i) =>
    list.slice(i * most, (i + 1) * most),
  );
}
