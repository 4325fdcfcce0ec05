import { createRequire } from 'node:module';

const facts = createRequire(import.meta.url)('../../package.json') as {
  version: string;
  dependencies: Record<string, string>;
};

/** Our own version, and those of the packages we were built with. */
export const PROGRAM_VERSION = facts.version;
export const PACKAGE_VERSIONS: Readonly<Record<string, string>> = facts.dependencies;
