import type { ColumnProfile, TableProfile } from './profile.js';

/**
 * A profile without the names of categories that fewer than `least` rows hold, so that nobody is told by a rare value. Their
 * rows count as unseen, and so will the same values in a current window: rare and new ones can no longer be told apart.
 */
export function withoutRareNames(profile: TableProfile, least: number): TableProfile {
  return { ...profile, columns: profile.columns.map((column) => withoutNames(column, least)) };
}

function withoutNames(column: ColumnProfile, least: number): ColumnProfile {
  const { bins } = column;
  if (bins.kind !== 'categorical') {
    return column;
  }
  const kept = bins.categories.flatMap((_, i) => (column.counts[i] >= least ? [i] : []));
  const hidden = bins.categories.length - kept.length;
  const [rare, unseen] = [bins.categories.length, bins.categories.length + 1];
  const moved = (counts: readonly number[]) => {
    const own = kept.map((i) => counts[i]);
    const strangers = counts.slice(0, unseen + 1).reduce((sum, count) => sum + count, 0);
    const named = own.reduce((sum, count) => sum + count, 0);
    return [...own, 0, strangers - named, ...counts.slice(unseen + 1)];
  };
  // Rare categories are those beyond the limit: each of them is at most as frequent as one that is hidden or dropped.
  const nothingToHide = hidden === 0 && bins.rare.length === 0 && column.counts[rare] === 0;
  return {
    ...column,
    ...(!nothingToHide && {
      bins: { kind: 'categorical' as const, categories: kept.map((i) => bins.categories[i]), rare: [] },
      counts: moved(column.counts),
      groups: column.groups?.map(moved) ?? null,
    }),
    unseen: column.unseen.filter(({ rows }) => rows >= least),
  };
}
