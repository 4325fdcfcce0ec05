import { dayNumber } from '../../time.js';
import type { ColumnChunk, ColumnSpec } from '../engine/engine.js';
import { COUNTRIES, FREE, MARKETING_SOURCES, PLANS, type Population } from './population.js';
import { PRESET_PARTS } from './presets.js';
import { checkSettings, type SyntheticSettings } from './settings.js';

export const USER_COLUMNS: readonly ColumnSpec[] = [
  { name: 'user_id', type: 'INTEGER' },
  { name: 'signup_date', type: 'DATE' },
  { name: 'plan', type: 'VARCHAR' },
  { name: 'is_paid', type: 'INTEGER' },
  { name: 'country', type: 'VARCHAR' },
  { name: 'marketing_source', type: 'VARCHAR' },
  { name: 'engagement_score', type: 'DOUBLE' },
];

export interface SyntheticUsers {
  specs: readonly ColumnSpec[];
  /** The users table, one row per user, user_id 1, 2, ... */
  chunk: ColumnChunk;
  /** What the table does not show: latent engagement, who leaves when. Row i is user i + 1. */
  population: Population;
}

/**
 * Draws the users of a run: those of the first day and all who sign up later. In memory: a few hundred bytes a user while drawing, about 70 after.
 * @throws usage.invalid
 */
export function generateUsers(settings: SyntheticSettings): SyntheticUsers {
  checkSettings(settings);
  const population = PRESET_PARTS[settings.preset].population(settings);
  const { users, signup, plan, country, source, score } = population;
  const start = dayNumber(settings.start);
  return {
    specs: USER_COLUMNS,
    population,
    chunk: {
      rows: users,
      columns: [
        Int32Array.from({ length: users }, (_, i) => i + 1),
        signup.map((day) => start + day),
        Array.from(plan, (code) => PLANS[code]),
        Int32Array.from(plan, (code) => (code === FREE ? 0 : 1)),
        Array.from(country, (code) => COUNTRIES[code]),
        Array.from(source, (code) => MARKETING_SOURCES[code]),
        score,
      ],
    },
  };
}
