/** The library: pure functions without I/O that run in Node and in a browser. One line for each capability. */
export { ChurnError, type ErrorCode } from './error.js';
export { drift } from './monitor/drift/drift.js';
export { STATISTICS } from './monitor/drift/index.js';
export type { TableDriftOptions } from './monitor/drift/judge.js';
export type { DriftReport, DriftStatus, FeatureDrift } from './monitor/drift/report.js';
export type { Statistic } from './monitor/drift/statistic.js';
export { estimate, evaluate } from './monitor/performance/library.js';
export { mergeTables as mergeProfiles } from './monitor/profile/merge.js';
export { type Columns, type ProfileOptions, profile } from './monitor/profile/of-columns.js';
export type { ColumnProfile, TableProfile } from './monitor/profile/profile.js';
export { readProfile } from './monitor/profile/read.js';
