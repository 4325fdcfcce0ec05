import { mergeTables } from './merge.js';
import type { TableProfile } from './profile.js';

/** A window as the sum of its parts; null without any. */
export function sumOf(parts: readonly TableProfile[]): TableProfile | null {
  return parts.length === 0 ? null : parts.reduce(mergeTables);
}

/**
 * Sums of all parts outside a stretch [from, to), in one merge each: sums from both ends are kept, nothing is subtracted.
 */
export function sumsOutside(
  parts: readonly TableProfile[],
): (from: number, to: number) => TableProfile | null {
  const before: (TableProfile | null)[] = [null];
  for (const part of parts) {
    const sum = before[before.length - 1];
    before.push(sum === null ? part : mergeTables(sum, part));
  }
  const after: (TableProfile | null)[] = new Array(parts.length + 1).fill(null);
  for (let i = parts.length - 1; i >= 0; i--) {
    const sum = after[i + 1];
    after[i] = sum === null ? parts[i] : mergeTables(parts[i], sum);
  }
  return (from, to) => {
    const [left, right] = [before[from], after[to]];
    return left === null || right === null ? (left ?? right) : mergeTables(left, right);
  };
}
