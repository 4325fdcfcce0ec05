/** Large arrays to be used again: asked for anew with each batch, they make the garbage collector run every few batches. */
export interface ArrayPool<T> {
  /** An array of this length; what stands in it is left over. */
  take(length: number): T;
  /** Nobody else may use the array any more. */
  give(array: T): void;
}

/** Smaller ones cost less to make than to look for. */
const FEWEST_BYTES = 16 * 1024;

/** @param mostBytes what is kept at most; the oldest goes first */
export function arrayPool<T extends Float32Array | Float64Array>(
  make: (length: number) => T,
  mostBytes: number,
): ArrayPool<T> {
  const spares: T[] = [];
  let bytes = 0;
  return {
    take: (length) => {
      const at = spares.findLastIndex((spare) => spare.length === length);
      if (at < 0) {
        return make(length);
      }
      const [spare] = spares.splice(at, 1);
      bytes -= spare.byteLength;
      return spare;
    },
    give: (array) => {
      if (array.byteLength < FEWEST_BYTES || array.byteLength > mostBytes) {
        return;
      }
      spares.push(array);
      bytes += array.byteLength;
      while (bytes > mostBytes) {
        bytes -= (spares.shift() as T).byteLength;
      }
    },
  };
}
