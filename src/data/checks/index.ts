import { beforeSignup } from './before-signup.js';
import type { Check } from './check.js';
import { columns } from './columns.js';
import { duplicates } from './duplicates.js';
import { empty } from './empty.js';
import { eventTypes } from './event-types.js';
import { freshness } from './freshness.js';
import { future } from './future.js';
import { gaps } from './gaps.js';
import { lastDay } from './last-day.js';
import { nulls } from './nulls.js';
import { types } from './types.js';
import { unknownUsers } from './unknown-users.js';
import { values } from './values.js';
import { volume } from './volume.js';

/** All checks, in the order in which their problems are shown. */
export const CHECKS: readonly Check[] = [
  columns,
  empty,
  types,
  nulls,
  duplicates,
  unknownUsers,
  gaps,
  future,
  freshness,
  lastDay,
  volume,
  eventTypes,
  beforeSignup,
  values,
];
