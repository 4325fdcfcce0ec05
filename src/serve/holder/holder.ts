import { messageOf } from '../../error.js';
import type { History } from '../../history/history.js';
import type { Log } from '../../log.js';
import type { Registry } from '../../model/registry/registry.js';
import type { Clock } from '../../time.js';
import type { ModelHolder, ReloadResult } from '../parts.js';
import { type BatchLimits, type LoadedVersion, loadVersion } from './load.js';

export interface ModelHolderOptions {
  registry: Registry;
  history: Pick<History, 'alias'>;
  /** How often the alias is looked at. */
  pollMilliseconds: number;
  clock: Clock;
  log: Log;
  limits?: BatchLimits;
}

/**
 * Holds the champion. Every `pollMilliseconds` the alias is read from history (one indexed row); when it names another
 * version, that one is loaded and checked in a thread beside the one in use, then the reference is swapped: requests
 * that took the old version keep it, and its thread ends after its last batch.
 *
 * A version that cannot be loaded leaves the old one in use; it is tried again on `reload()` or when the alias moves, not at
 * every poll. A history that cannot be read is reported once and asked again at every poll. A version whose thread was
 * lost goes on scoring by walking its trees, and is loaded again at the next poll.
 */
export function openModelHolder(options: ModelHolderOptions): ModelHolder {
  const { history, pollMilliseconds, clock, log } = options;
  const listeners: ((result: ReloadResult) => void)[] = [];
  const retiring = new Set<Promise<void>>();
  let held: LoadedVersion | null = null;
  let last: ReloadResult | null = null;
  /** The version that could not be loaded. */
  let refused: string | null = null;
  let looking: { asked: boolean; result: Promise<ReloadResult> } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const versionInUse = () => held?.live.manifest.version ?? null;

  function tell(outcome: ReloadResult['outcome'], version: string | null, error: unknown): ReloadResult {
    const text = error === null ? null : messageOf(error);
    last = { at: clock().toISOString(), outcome, version, error: text };
    if (outcome === 'failed') {
      log.error({ ...last, serving: versionInUse(), err: error }, 'the model was not swapped');
    } else {
      log.info(last, outcome === 'swapped' ? 'the model was swapped' : 'the model is unchanged');
    }
    for (const listener of listeners) {
      listener(last);
    }
    return last;
  }

  function retire(loaded: LoadedVersion): void {
    const retired = loaded.retire().finally(() => retiring.delete(retired));
    retiring.add(retired);
  }

  async function load(version: string): Promise<ReloadResult> {
    try {
      const loaded = await loadVersion(options.registry, version, options.limits);
      if (closed) {
        await loaded.retire();
        return tell('failed', version, 'the server is closing');
      }
      loaded.thread.onLost((error) => log.error({ version, err: error }, 'the scoring thread was lost'));
      const old = held;
      held = loaded;
      refused = null;
      if (old !== null) {
        retire(old);
      }
      return tell('swapped', version, null);
    } catch (error) {
      refused = version;
      return tell('failed', version, error);
    }
  }

  /** Follows the alias until it stands still; null when a poll found nothing to tell. */
  async function look(asked: boolean): Promise<ReloadResult | null> {
    let result: ReloadResult | null = null;
    let retry = asked;
    for (;;) {
      const wanted = await history.alias('champion');
      const served = held?.thread.alive() ? versionInUse() : null;
      if (wanted === null || wanted === served) {
        refused = null;
        return result ?? unmoved(wanted, asked);
      }
      if (closed || (wanted === refused && !retry)) {
        return result ?? last;
      }
      retry = false;
      result = await load(wanted);
    }
  }

  function unmoved(wanted: string | null, asked: boolean): ReloadResult | null {
    const recovered = last?.outcome === 'failed';
    const missing = wanted === null ? 'no champion has been promoted' : null;
    return asked || recovered || last === null ? tell('unchanged', versionInUse(), missing) : null;
  }

  async function guarded(asked: boolean): Promise<ReloadResult> {
    try {
      const result = await look(asked);
      return result ?? (last as ReloadResult);
    } catch (error) {
      const repeated = !asked && last?.outcome === 'failed' && last.error === messageOf(error);
      return repeated ? (last as ReloadResult) : tell('failed', null, error);
    }
  }

  /** One look at a time. Who asks while a poll looks gets a look of its own after it, since a poll does not try again. */
  function shared(asked: boolean): Promise<ReloadResult> {
    if (looking !== null && (looking.asked || !asked)) {
      return looking.result;
    }
    const before = looking?.result ?? Promise.resolve();
    const mine = { asked, result: before.then(() => guarded(asked)) };
    looking = mine;
    void mine.result.then(() => {
      looking = looking === mine ? null : looking;
    });
    return mine.result;
  }

  function poll(): void {
    timer = setTimeout(async () => {
      await shared(false);
      if (!closed) {
        poll();
      }
    }, pollMilliseconds);
    timer.unref();
  }

  return {
    current: () => held?.live ?? null,
    lastReload: () => last,
    reload: () => shared(true),
    onReload: (listener) => listeners.push(listener),
    start: async () => {
      await shared(true);
      poll();
    },
    close: async () => {
      closed = true;
      clearTimeout(timer ?? undefined);
      await looking?.result;
      if (held !== null) {
        retire(held);
      }
      await Promise.all(retiring);
    },
  };
}
