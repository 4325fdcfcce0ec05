import { duckdbDialect } from './duckdb-dialect.js';
import type { FileFormat } from './engine.js';

/**
 * How COPY writes files. Kept ones are neither compressed nor with large dictionaries, which takes three quarters of the time; the
 * encodings of Parquet's second version make them half as large as the first's: a quarter of the CSV file they come from.
 */
export const COPY_OPTIONS: Record<FileFormat | 'kept', string> = {
  parquet: 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880',
  kept: 'FORMAT parquet, COMPRESSION uncompressed, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1000, ROW_GROUP_SIZE 122880',
  csv: 'FORMAT csv, HEADER true',
  jsonl: 'FORMAT json',
};

/** Texts are quoted in CSV files, so that the id 001 is read back as it was written; their names are not. */
export function csvOptions(columns: readonly { name: string; type: string }[]): string {
  const texts = columns.filter(({ type }) => type === 'VARCHAR').map(({ name }) => name);
  if (texts.length === 0) {
    return COPY_OPTIONS.csv;
  }
  const header = columns.map(({ name }) =>
    /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name,
  );
  const prefix = duckdbDialect.quoteText(`${header.join(',')}\n`);
  return `FORMAT csv, HEADER false, PREFIX ${prefix}, SUFFIX '\n', FORCE_QUOTE (${texts.map(duckdbDialect.quoteIdentifier).join(', ')})`;
}
