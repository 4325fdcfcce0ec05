import { ChurnError } from '../error.js';
import type { AliasMove } from '../history/history.js';
import type { Project } from '../open.js';
import { requireChampion } from './champion.js';
import { crown, PRODUCTION_FILE, type PromotionResult } from './promote.js';
import { recorded } from './record.js';

/** How the reason of a rollback begins; the aliases' history is read by it. */
const ROLLBACK = 'rollback: ';

/** Puts the champion of before back. @throws registry.version_unknown when there was none */
export async function rollback(project: Project, options: { because: string }): Promise<PromotionResult> {
  return recorded(project, { command: 'rollback' }, async (run) => {
    const champion = await requireChampion(project);
    const before = previousChampion(await project.history.aliasMoves({ alias: 'champion' }));
    if (before === null) {
      throw new ChurnError('registry.version_unknown', {
        expected: 'a champion before this one',
        came: `${champion.version} is the first`,
      });
    }
    const because = `${ROLLBACK}${options.because}`;
    await crown(project, run, await project.registry.find(before), champion.version, because);
    const value: PromotionResult = {
      version: before,
      verdict: 'promoted',
      replaced: champion.version,
      because,
      comparison: null,
    };
    return { value, writes: [{ path: project.layout.metrics(PRODUCTION_FILE) }], result: { ...value } };
  });
}

/**
 * The champion to go back to: promotions are a stack, and a rollback takes its top away, so that two rollbacks go back
 * two champions instead of to and fro.
 */
export function previousChampion(newestFirst: readonly Pick<AliasMove, 'to' | 'because'>[]): string | null {
  const stack: string[] = [];
  for (const { to, because } of [...newestFirst].reverse()) {
    if (because.startsWith(ROLLBACK)) {
      stack.pop();
    } else if (to !== null) {
      stack.push(to);
    }
  }
  return stack.at(-2) ?? null;
}
