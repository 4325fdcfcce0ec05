import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' }) => void;

let collect: Collect | null = null;

/**
 * Has the young garbage collected now. A chunk of a result is freed when the collector meets the small object that stands for
 * it, and the collector, which sees only small objects, takes its time: a stream would hold tens of megabytes of chunks read.
 */
export function collectYoungGarbage(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    // Not there where the flags of the process are fixed: then garbage waits.
    collect = (runInNewContext('globalThis.gc') as Collect | undefined) ?? (() => {});
  }
  collect({ type: 'minor' });
}
