import { duckdbDialect } from '../../../src/data/engine/duckdb-dialect.js';
import type { Engine } from '../../../src/data/engine/engine.js';
import { raw, sql } from '../../../src/data/engine/sql.js';

/** Writes a file of row groups of 2,048 rows with columns of many types, dictionaries, nulls and Bloom filters. */
export async function writeGroups(
  engine: Engine,
  path: string,
  { first, rows, days, from }: { first: number; rows: number; days: number; from: number },
): Promise<void> {
  const perDay = Math.ceil(rows / days);
  await engine.run(sql`COPY (
    SELECT CAST(i AS BIGINT) AS id, DATE '1970-01-01' + CAST(${raw(String(from))} + (i - ${raw(String(first))}) // ${raw(String(perDay))} AS INTEGER) AS as_of_date,
      CASE WHEN i % 7 = 0 THEN NULL ELSE sqrt(i) END AS root, 'name ' || (i % 50) AS name, CASE WHEN i % 3 = 0 THEN NULL ELSE 'größer ' || i END AS text,
      i % 2 = 0 AS even, CAST(i % 100 AS TINYINT) AS small, CAST(i AS DECIMAL(18, 3)) / 8 AS amount, make_timestamp(i * 1000003) AS at, CAST(i AS FLOAT) AS single
    FROM range(${raw(String(first))}, ${raw(String(first + rows))}) AS numbers(i) ORDER BY id
  ) TO ${raw(duckdbDialect.quoteText(path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)`);
}
