/** Names that the pipeline makes itself. */
const TAKEN = ['user_id', 'as_of_date', 'total_events', 'is_active_day', 'days_since_signup', 'signup_date'];

interface Named {
  daily: string;
  rolling: string;
}

/** Names for a column of a kind: count, sum, mean or distinct. */
export type NameGiver = (base: string, what: string) => Named;

/** Free names of a daily column (base_what) and its rolling one (base, or base_what). */
export function nameGiver(): NameGiver {
  const daily = new Set(TAKEN);
  const rolling = new Set(['active_days', 'events']);
  const free = (names: Set<string>, wanted: readonly string[]) => {
    const numbered = Array.from({ length: 99 }, (_, i) => `${wanted[wanted.length - 1]}_${i + 2}`);
    const name = [...wanted, ...numbered].find((candidate) => !names.has(candidate)) as string;
    names.add(name);
    return name;
  };
  return (base, what) => {
    const full = `${base}_${what}`;
    return { daily: free(daily, [full]), rolling: free(rolling, what === 'mean' ? [full] : [base, full]) };
  };
}
