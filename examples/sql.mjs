// Runs a file of SQL in the folder where it lies, to cut tables for the examples: node ../sql.mjs tables.sql
import { mkdirSync, readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

mkdirSync('data', { recursive: true });
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run(readFileSync(process.argv[2], 'utf8'));
