import type { ColumnProfile } from './profile.js';

/**
 * A reference profile of categories for current values that went through a model's encoding, as served and logged rows do.
 * Categories that the model does not know are unseen there, so they are counted as unseen here too. Rare ones stay together.
 *
 * @param known the categories that the model knows
 */
export function asEncoded(profile: ColumnProfile, known: readonly string[]): ColumnProfile {
  const { bins } = profile;
  if (bins.kind !== 'categorical') {
    return profile;
  }
  const names = new Set(known);
  const unknown = bins.categories.flatMap((name, i) => (names.has(name) ? [] : [i]));
  const unseen = bins.categories.length + 1;
  const moved = (counts: readonly number[]) => {
    const result = [...counts];
    for (const i of unknown) {
      result[unseen] += result[i];
      result[i] = 0;
    }
    return result;
  };
  return { ...profile, counts: moved(profile.counts), groups: profile.groups?.map(moved) ?? null };
}
