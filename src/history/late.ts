import { ChurnError } from '../error.js';
import type { History } from './history.js';

type Call = (...values: unknown[]) => Promise<unknown>;

/**
 * A history that may be away when a process starts which has to go on all the same. Every call opens it first, until one
 * opening succeeds; until then calls fail with history.away.
 * @throws what the first opening throws, except history.away
 */
export async function lateHistory(open: () => Promise<History>): Promise<History> {
  let opened: History | null = null;
  let opening: Promise<History> | null = null;
  const get = () => {
    opening ??= open()
      .then((history) => {
        opened = history;
        return history;
      })
      .finally(() => {
        opening = null;
      });
    return opened ?? opening;
  };
  try {
    return await get();
  } catch (error) {
    if (!(error instanceof ChurnError && error.code === 'history.away')) {
      throw error;
    }
  }
  const call =
    (name: string): Call =>
    async (...values) => {
      if (name === 'close' && opened === null) {
        return undefined;
      }
      const history = await get();
      return (history as unknown as Record<string, Call>)[name](...values);
    };
  // Every member of the port is a method that answers with a promise; `then` would make this one itself.
  return new Proxy({} as History, {
    get: (_, name) => (typeof name === 'string' && name !== 'then' ? call(name) : undefined),
  });
}
