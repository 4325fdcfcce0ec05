import { ChurnError } from '../error.js';
import type { Manifest } from '../model/registry/manifest.js';
import type { Project } from '../open.js';

/** The champion. @throws registry.champion_missing */
export async function requireChampion(project: Project): Promise<Manifest> {
  const champion = await project.registry.champion();
  if (champion === null) {
    throw new ChurnError('registry.champion_missing', {
      expected: 'a champion',
      came: 'none yet',
      fix: 'run `churn-mlops train`, then `churn-mlops promote`',
    });
  }
  return champion;
}
