import { configSchema } from '../../src/config/schema.js';
import type { PolicySettings } from '../../src/policy/settings.js';

/** What an empty configuration asks for: the defaults are written once, in the schema. */
export const DEFAULT_POLICY: PolicySettings = configSchema.parse({}).policy;
