import { ChurnError } from '../error.js';
import { writeJson } from '../files.js';
import type { AliasMove } from '../history/history.js';
import type { Manifest } from '../model/registry/manifest.js';
import { openScorer } from '../model/score.js';
import type { ComparisonReport } from '../monitor/performance/report.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';
import { requireChampion } from './champion.js';
import { compareVersions } from './compare.js';
import { recorded } from './record.js';

export const PRODUCTION_FILE = 'production_latest.json';

export interface PromoteOptions {
  /** Version or alias; null: the challenger, or the newest version when there is none. */
  version: string | null;
  /** Promote without a comparison. */
  force: boolean;
  at: Day | null;
  parent?: string | null;
}

export type PromotionVerdict = 'promoted' | 'held' | 'rejected' | 'none';

export interface PromotionResult {
  version: string;
  verdict: PromotionVerdict;
  replaced: string | null;
  because: string;
  comparison: ComparisonReport | null;
}

/** Makes a version the champion when it is better than the present one on the same reserved rows, or when forced. */
export async function promote(project: Project, options: PromoteOptions): Promise<PromotionResult> {
  return recorded(project, { command: 'promote', at: options.at, parent: options.parent }, async (run) => {
    const candidate = await candidateOf(project, options.version);
    const champion = await project.registry.champion();
    const value = await judge(project, candidate, champion, { ...options, parent: run });
    if (value.verdict === 'promoted') {
      await crown(project, run, candidate, champion?.version ?? null, value.because);
    } else if (value.verdict === 'held') {
      const from = await project.history.alias('challenger');
      await project.history.moveAlias({
        run,
        alias: 'challenger',
        from,
        to: candidate.version,
        because: value.because,
      });
    }
    return {
      value,
      writes: value.verdict === 'promoted' ? [{ path: project.layout.metrics(PRODUCTION_FILE) }] : [],
      result: { ...value, comparison: undefined },
    };
  });
}

async function candidateOf({ registry, history }: Project, version: string | null): Promise<Manifest> {
  if (version !== null) {
    return registry.find(version);
  }
  const challenger = await history.alias('challenger');
  const newest = challenger === null ? (await registry.list())[0] : await registry.find(challenger);
  if (newest === undefined) {
    throw new ChurnError('registry.version_unknown', {
      expected: 'a version to promote',
      came: 'none',
      fix: 'run `churn-mlops train` first',
    });
  }
  return newest;
}

async function judge(
  project: Project,
  candidate: Manifest,
  champion: Manifest | null,
  options: PromoteOptions,
): Promise<PromotionResult> {
  const result = (
    verdict: PromotionVerdict,
    because: string,
    comparison: ComparisonReport | null = null,
  ): PromotionResult => ({
    version: candidate.version,
    verdict,
    replaced: verdict === 'promoted' ? (champion?.version ?? null) : null,
    because,
    comparison,
  });
  if (champion?.version === candidate.version) {
    return result('none', 'it is the champion already');
  }
  if (champion === null) {
    return result('promoted', 'there was no champion');
  }
  if (options.force) {
    return result('promoted', 'promoted by hand, without a comparison');
  }
  const comparison = await compareVersions(project, {
    champion: champion.version,
    challenger: candidate.version,
    at: options.at,
    parent: options.parent,
  });
  const failed = comparison.checks.filter((check) => !check.passed).map((check) => check.because);
  switch (comparison.verdict) {
    case 'better':
      return result('promoted', comparison.checks.map((check) => check.because).join('; '), comparison);
    case 'not_better':
      return result('rejected', failed.join('; '), comparison);
    case 'undecided':
      return result('held', failed.join('; '), comparison);
  }
}

/** Proves that the version still scores as recorded, moves the alias, then publishes the training record. */
async function crown(
  project: Project,
  run: string,
  candidate: Manifest,
  from: string | null,
  because: string,
): Promise<void> {
  const scorer = await openScorer(project.registry, candidate);
  await scorer.close();
  await project.history.moveAlias({ run, alias: 'champion', from, to: candidate.version, because });
  if ((await project.history.alias('challenger')) === candidate.version) {
    await project.history.moveAlias({
      run,
      alias: 'challenger',
      from: candidate.version,
      to: null,
      because: 'became the champion',
    });
  }
  await publishChampion(project, candidate);
}

/** production_latest.json: the champion's training record with plain numbers where scripts look for them. */
async function publishChampion(project: Project, champion: Manifest): Promise<void> {
  const numbers = Object.entries(champion.measures).map(([id, measure]) => [id, measure.value]);
  await writeJson(project.layout.metrics(PRODUCTION_FILE), {
    ...champion,
    metrics: Object.fromEntries(numbers),
  });
}

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
    const candidate = await project.registry.find(before);
    await crown(project, run, candidate, champion.version, `rollback: ${options.because}`);
    const value: PromotionResult = {
      version: before,
      verdict: 'promoted',
      replaced: champion.version,
      because: `rollback: ${options.because}`,
      comparison: null,
    };
    return { value, writes: [{ path: project.layout.metrics(PRODUCTION_FILE) }], result: { ...value } };
  });
}

/**
 * The champion to go back to: promotions are a stack, and a rollback takes its top away, so that two rollbacks go back
 * two champions instead of to and fro.
 */
export function previousChampion(newestFirst: readonly Pick<AliasMove, 'to'>[]): string | null {
  const stack: string[] = [];
  for (const { to } of [...newestFirst].reverse()) {
    if (to !== null && stack.at(-2) === to) {
      stack.pop();
    } else if (to !== null) {
      stack.push(to);
    }
  }
  return stack.at(-2) ?? null;
}
