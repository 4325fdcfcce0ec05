import { ChurnError } from '../../error.js';
import { coarseLayout } from './coarse.js';
import { type ColumnProfile, PROFILE_SCHEMA, type TableProfile, UNIT_GROUPS } from './profile.js';

/** True for a document that says it is a profile, of whatever version. */
export function looksLikeProfile(document: unknown): boolean {
  return isRecord(document) && typeof document.schema === 'number' && Array.isArray(document.columns);
}

/**
 * A saved profile, checked before anything is computed from it: its version, and that the counts fit the bins.
 * @param where named in errors
 * @throws model.mismatch for another version, input.unreadable for what is no profile
 */
export function readProfile(document: unknown, where: string): TableProfile {
  if (!looksLikeProfile(document)) {
    throw new ChurnError('input.unreadable', {
      expected: `a profile in ${where}`,
      came: 'a document without "schema" and "columns"',
      fix: 'make one with `churn-mlops profile FILE --out PROFILE.json`',
    });
  }
  const profile = document as TableProfile;
  if (profile.schema !== PROFILE_SCHEMA) {
    throw new ChurnError('model.mismatch', {
      expected: `a profile of schema ${PROFILE_SCHEMA} in ${where}`,
      came: `schema ${String(profile.schema)}`,
      fix: 'make it again with this program',
    });
  }
  for (const column of profile.columns) {
    const problem = problemOf(column);
    if (problem !== null) {
      const name = isRecord(column) && typeof column.name === 'string' ? column.name : '?';
      throw new ChurnError('input.unreadable', {
        expected: `a whole profile of "${name}" in ${where}`,
        came: problem,
      });
    }
  }
  return profile;
}

function problemOf(column: ColumnProfile): string | null {
  if (!isRecord(column) || !isRecord(column.bins) || typeof column.name !== 'string') {
    return 'a column without name or bins';
  }
  const { bins, counts, groups, nulls, rows } = column;
  const numeric =
    bins.kind === 'numeric' && numbers(bins.edges) && numbers(bins.coarse) && texts(bins.coarse_labels);
  const categorical = bins.kind === 'categorical' && texts(bins.categories) && texts(bins.rare);
  if (!numeric && !categorical) {
    return 'bins of an unknown kind';
  }
  const cells = bins.kind === 'numeric' ? bins.edges.length + 1 : bins.categories.length + 2;
  if (!numbers(counts) || counts.length !== cells) {
    return `${Array.isArray(counts) ? counts.length : 'no'} counts for ${cells} bins`;
  }
  if (bins.kind === 'numeric' && (bins.coarse.length !== cells || !rising(bins.edges))) {
    return 'edges that do not rise, or a coarse bin that is missing';
  }
  const sum = counts.reduce((all, count) => all + count, 0);
  if (sum + nulls !== rows) {
    return `${sum} counted rows and ${nulls} nulls of ${rows} rows`;
  }
  const width = coarseLayout(bins).length;
  const whole =
    groups === null ||
    (Array.isArray(groups) &&
      groups.length === UNIT_GROUPS &&
      groups.every((list) => numbers(list) && list.length === width));
  return whole ? null : 'counts by unit group that do not fit the bins';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const numbers = (list: unknown): list is number[] =>
  Array.isArray(list) && list.every((value) => typeof value === 'number' && Number.isFinite(value));
const texts = (list: unknown): list is string[] =>
  Array.isArray(list) && list.every((value) => typeof value === 'string');
const rising = (list: readonly number[]) => list.every((value, i) => i === 0 || list[i - 1] < value);
