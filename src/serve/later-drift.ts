import type { LiveDrift, LiveModel } from './parts.js';

/** Rows gathered before they are counted. */
const ROWS = 64;

/**
 * Counts served rows a few dozen at a time: the bins are then in the processor's cache, where one row between two requests
 * finds it cold and takes three times as long. A report counts what was gathered first.
 */
export function laterDrift(drift: LiveDrift): LiveDrift {
  let model: LiveModel | null = null;
  let width = 0;
  let values = new Float32Array(0);
  let views: Float32Array[] = [];
  const probabilities = new Float64Array(ROWS);
  let rows = 0;

  function settle(): void {
    for (let row = 0; row < rows; row++) {
      drift.add(model as LiveModel, views[row], probabilities[row]);
    }
    rows = 0;
  }

  return {
    ...drift,
    add: (served, row, probability) => {
      if (served !== model) {
        settle();
        model = served;
        width = served.encoding.columns.length;
        values = new Float32Array(ROWS * width);
        views = Array.from({ length: ROWS }, (_, i) => values.subarray(i * width, (i + 1) * width));
      }
      values.set(row, rows * width);
      probabilities[rows++] = probability;
      if (rows === ROWS) {
        settle();
      }
    },
    report: () => {
      settle();
      return drift.report();
    },
  };
}
