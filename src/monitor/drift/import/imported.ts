import type { TableProfile } from '../../profile/profile.js';
import type { JudgedBy } from '../choice.js';
import type { StatusRule } from '../status.js';

/** Another monitor's settings as ours: the `drift` section of churn.yaml, as far as there is a counterpart. */
export interface ImportedSettings extends Partial<Pick<JudgedBy, 'statistic' | 'by_feature'>> {
  features?: string[];
  significance?: number;
  status?: StatusRule;
}

export interface Imported {
  /** What was read. */
  from: string;
  drift: ImportedSettings;
  /** A reference profile, where the document holds counts. */
  profile: TableProfile | null;
  /** What has no counterpart, or only one that differs. */
  notes: { what: string; note: string }[];
}

/** A reader of one kind of document. */
export interface Importer {
  id: string;
  title: string;
  recognises(document: Record<string, unknown>): boolean;
  read(document: Record<string, unknown>): Imported;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const recordsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

/** A number of a document; 0 for what is none. */
export const numberOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : 0;
