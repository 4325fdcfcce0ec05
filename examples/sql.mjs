// Runs a file of SQL in the folder where it lies, to cut tables for the examples: node ../sql.mjs tables.sql
import { mkdirSync, readFileSync } from 'node:fs';
import duckdb from '@duckdb/node-bindings';

mkdirSync('data', { recursive: true });
const connection = await duckdb.connect(await duckdb.open(':memory:', duckdb.create_config()));
await duckdb.query(connection, readFileSync(process.argv[2], 'utf8'));
