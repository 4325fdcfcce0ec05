/** Moves a whole history between places, as lines of JSON. */
export interface Transfer {
  /** Every record as of one moment, a line each without its end: a header, the tables, a line with the counts. */
  exported(): AsyncIterable<string>;
  /**
   * Fills this history, which must be empty, with what `exported` gave; all or nothing.
   * @returns records per table
   * @throws history.conflict (not empty), history.newer, data.invalid (not such lines, or cut off)
   */
  imported(lines: AsyncIterable<string>): Promise<Record<string, number>>;
}
