import type { Config } from '../config/schema.js';

/** The event columns that the daily aggregates read. */
export function usedEventColumns(features: Config['features']): string[] {
  const names = Object.values(features.daily).flatMap((aggregate) =>
    'sum' in aggregate
      ? aggregate.sum
      : 'mean' in aggregate
        ? aggregate.mean
        : 'distinct' in aggregate
          ? aggregate.distinct
          : [],
  );
  return [...new Set(names)];
}

/** The event columns that are added up or averaged, and so must hold numbers. */
export function numericEventColumns(features: Config['features']): string[] {
  const names = Object.values(features.daily).flatMap((aggregate) =>
    'sum' in aggregate ? aggregate.sum : 'mean' in aggregate ? aggregate.mean : [],
  );
  return [...new Set(names)];
}
