import { type Comparison, countsOf } from './cells.js';
import type { Evidence, Sampling } from './evidence.js';
import { groupsOf } from './jackknife.js';
import { pearsonEvidence } from './pearson.js';
import { raoScottEvidence } from './rao-scott.js';

/** Evidence that the shares of the coarse cells moved: by unit groups where units have several rows, else by rows. */
export function cellEvidence(comparison: Comparison, { unitAware, seed }: Sampling): Evidence | null {
  return unitAware
    ? raoScottEvidence(groupsOf(comparison))
    : pearsonEvidence(
        { reference: countsOf(comparison, 'reference'), current: countsOf(comparison, 'current') },
        `${seed}/${comparison.reference.name}`,
      );
}
