import type { EventTypes } from '../../config/features.js';
import type { Config } from '../../config/schema.js';

/** The event types that features and label name. */
export function namedTypes({ features, label }: Pick<Config, 'features' | 'label'>): string[] {
  const counted = Object.values(features.daily).map((aggregate) =>
    'count' in aggregate ? aggregate.count : aggregate.of,
  );
  const churn =
    label.kind === 'inactivity'
      ? listed(label.events ?? 'all')
      : label.kind === 'event'
        ? Object.keys(label.events)
        : [];
  return [...new Set([...counted.flatMap(listed), ...listed(features.activity), ...churn])];
}

function listed(types: EventTypes): string[] {
  return types === 'all' ? [] : typeof types === 'string' ? [types] : types;
}
