import type { Rule } from '../rule.js';
import { brokenFeed } from './broken-feed.js';
import { cooldown } from './cooldown.js';
import { drift } from './drift.js';
import { newData } from './new-data.js';
import { noChampion } from './no-champion.js';
import { performance } from './performance.js';
import { schedule } from './schedule.js';

/** All rules, in the order in which their findings are shown: triggers, then vetoes. */
export const RULES: readonly Rule[] = [
  noChampion,
  drift,
  performance,
  schedule,
  newData,
  cooldown,
  brokenFeed,
];
