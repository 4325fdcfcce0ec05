/**
 * Waits for queries that an engine answers at the same time. All have ended before the first error is thrown: who closes the
 * engine then closes it at rest.
 */
export async function sideBySide<T extends readonly unknown[]>(
  works: {
    [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  await Promise.allSettled(works);
  return (await Promise.all(works)) as unknown as T;
}
