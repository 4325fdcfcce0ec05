import { ChurnError } from '../error.js';
import type { AliasMove } from '../history/history.js';
import type { Project } from '../open.js';
import { requireChampion } from './champion.js';
import { crown, isPublished, PRODUCTION_FILE, type PromotionResult, publishChampion } from './promote.js';
import { type JobOutcome, recorded } from './record.js';

/** How the reason of a rollback begins; the aliases' history is read by it. */
const ROLLBACK = 'rollback: ';

/**
 * Puts the champion of before back. A rollback that was killed between the move and the publication is made whole, in place
 * of going back another one. @throws registry.version_unknown when there was none
 */
export async function rollback(project: Project, options: { because: string }): Promise<PromotionResult> {
  return recorded(project, { command: 'rollback' }, async (run) => {
    const champion = await requireChampion(project);
    const moves = await project.history.aliasMoves({ alias: 'champion' });
    if (moves[0]?.because.startsWith(ROLLBACK) && !(await isPublished(project, champion))) {
      await publishChampion(project, champion);
      const because = 'a rollback to it was killed before it was published';
      return outcome(project, { version: champion.version, verdict: 'none', replaced: null, because });
    }
    const before = previousChampion(moves);
    if (before === null) {
      throw new ChurnError('registry.version_unknown', {
        expected: 'a champion before this one',
        came: `${champion.version} is the first`,
      });
    }
    const because = `${ROLLBACK}${options.because}`;
    await crown(project, run, await project.registry.find(before), champion.version, because);
    return outcome(project, { version: before, verdict: 'promoted', replaced: champion.version, because });
  });
}

function outcome(
  { layout }: Project,
  moved: Omit<PromotionResult, 'comparison'>,
): JobOutcome<PromotionResult> {
  const value: PromotionResult = { ...moved, comparison: null };
  return { value, writes: [{ path: layout.metrics(PRODUCTION_FILE) }], result: { ...value } };
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
