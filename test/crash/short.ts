import { KILLED } from './commands.js';

const NAMES = ['init', 'generate', 'prepare', 'profile', 'history export'];

/** Commands that need no model: for the fast suite. */
export const SHORT = KILLED.filter(({ name }) => NAMES.includes(name));
