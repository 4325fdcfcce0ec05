import type { CompatSystem } from './compat.js';
import { evidently } from './evidently/evidently.js';
import { nannyml } from './nannyml.js';
import { section12 } from './section-12.js';

/** The systems whose numbers can be had. */
export const COMPAT_SYSTEMS: readonly CompatSystem[] = [section12, evidently, nannyml];
