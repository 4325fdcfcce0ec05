/** Solution of A x = b by elimination with pivoting; null when A has no inverse. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const n = right.length;
  const rows = matrix.map((line, i) => [...line, right[i]]);
  const size = Math.max(...matrix.flat().map(Math.abs));
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) {
      pivot = Math.abs(rows[i][column]) > Math.abs(rows[pivot][column]) ? i : pivot;
    }
    if (!(Math.abs(rows[pivot][column]) > 1e-14 * size)) {
      return null;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let i = 0; i < n; i++) {
      if (i !== column) {
        const factor = rows[i][column] / rows[column][column];
        rows[i] = rows[i].map((value, j) => value - factor * rows[column][j]);
      }
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}
