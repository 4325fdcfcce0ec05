import { ChurnError } from '../error.js';
import { readJson, writeJson } from '../files.js';
import type { Manifest } from '../model/registry/manifest.js';
import { openScorer } from '../model/score.js';
import type { ComparisonReport } from '../monitor/performance/report.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';
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
    await act(project, run, candidate, champion, value);
    return {
      value,
      writes: value.verdict === 'promoted' ? [{ path: project.layout.metrics(PRODUCTION_FILE) }] : [],
      result: { ...value, comparison: undefined },
    };
  });
}

/** What a verdict means for the aliases. */
async function act(
  project: Project,
  run: string,
  candidate: Manifest,
  champion: Manifest | null,
  { verdict, because }: PromotionResult,
): Promise<void> {
  switch (verdict) {
    case 'promoted':
      return crown(project, run, candidate, champion?.version ?? null, because);
    case 'held':
      return nameChallenger(project, run, candidate.version, because);
    case 'rejected':
      if ((await project.history.alias('challenger')) === candidate.version) {
        await nameChallenger(project, run, null, because);
      }
      return;
    case 'none':
      // A promotion that was killed between the move and the publication is made whole here.
      return publishChampion(project, candidate);
  }
}

async function nameChallenger(
  { history }: Project,
  run: string,
  to: string | null,
  because: string,
): Promise<void> {
  const from = await history.alias('challenger');
  if (from !== to) {
    await history.moveAlias({ run, alias: 'challenger', from, to, because });
  }
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
export async function crown(
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
    await nameChallenger(project, run, null, 'became the champion');
  }
  await publishChampion(project, candidate);
}

/** production_latest.json: the champion's training record with plain numbers where scripts look for them. */
export async function publishChampion(project: Project, champion: Manifest): Promise<void> {
  const numbers = Object.entries(champion.measures).map(([id, measure]) => [id, measure.value]);
  await writeJson(project.layout.metrics(PRODUCTION_FILE), {
    ...champion,
    metrics: Object.fromEntries(numbers),
  });
}

/** Whether production_latest.json is about this version. */
export async function isPublished(project: Project, champion: Manifest): Promise<boolean> {
  const published = await readJson<{ version?: unknown }>(project.layout.metrics(PRODUCTION_FILE)).catch(
    () => null,
  );
  return published?.version === champion.version;
}
