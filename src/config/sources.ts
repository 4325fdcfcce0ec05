import { z } from 'zod';

const column = z
  .union([
    z.string().describe('Name of a column in the files'),
    z.strictObject({ sql: z.string().describe('SQL expression over the columns of the files') }),
  ])
  .describe('Name of a column in the files, or an expression');

/** The types that a column of a text file may be given. */
export const GIVEN_TYPES = ['text', 'integer', 'number', 'boolean', 'date', 'timestamp'] as const;

const csv = z.strictObject({
  delimiter: z
    .string()
    .refine((text) => text === 'auto' || text === 'whitespace' || /^[^\n\r"]{1,4}$/.test(text), {
      message: 'expected auto, whitespace, or one to four characters such as ";"',
    })
    .default('auto')
    .describe('auto: comma, semicolon, tab or | as found; whitespace: any run of blanks; or the characters'),
  header: z.boolean().default(true).describe('Whether the first line names the columns'),
  names: z
    .array(z.string().min(1))
    .default([])
    .describe('Names of the columns from the left, in place of those of the header'),
  quote: z
    .string()
    .regex(/^[^\n\r]?$/, 'one character, or nothing')
    .default('"')
    .describe('Around texts with delimiters or line breaks in them, doubled within; empty: none'),
  encoding: z
    .string()
    .refine(isEncoding, { message: 'expected an encoding such as utf-8, windows-1252 or utf-16le' })
    .default('utf-8')
    .describe('Encoding of the files, by its name in the WHATWG standard'),
  types: z
    .record(z.string(), z.enum(GIVEN_TYPES).describe('Type of that column'))
    .default({})
    .describe('Types of columns that are not to be guessed, by their names in the files'),
});

const postgres = z
  .strictObject({
    url: z
      .string()
      .default('')
      .describe('`postgres://USER:PASSWORD@HOST:PORT/DATABASE`; better set by the environment'),
    table: z.string().min(1).optional().describe('A table or view, also SCHEMA.TABLE'),
    query: z.string().min(1).optional().describe('A query in place of a table, as the server understands it'),
  })
  .optional()
  .describe('A PostgreSQL table or query in place of files');

/** One source: the files, and how their columns are called by us. */
export const source = (what: string, needed: string, files: string) =>
  z.strictObject({
    files: z.string().default(files).describe(`Path or glob of ${what}, relative to the configuration file`),
    format: z
      .enum(['auto', 'parquet', 'csv', 'jsonl'])
      .default('auto')
      .describe('auto: by the ending of the path'),
    csv: csv.prefault({}).describe('How CSV files are written'),
    postgres,
    columns: z
      .record(z.string(), column)
      .default({})
      .describe(
        `Our column name: the name there, or \`{sql: EXPRESSION}\`. Unnamed columns keep their names. Needed: ${needed}`,
      ),
    times: z
      .enum(['utc', 'local'])
      .default('utc')
      .describe(
        'What times without an offset are: UTC, or the time of day in `time_zone`. Days stay as they are',
      ),
    where: z
      .string()
      .optional()
      .describe('SQL condition over the columns of the files; other rows are left out'),
  });

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

/** Users: files of their own, or whoever has an event. */
export const users = source('the users', 'user_id, signup_date', 'data/raw/users.parquet').extend({
  from: z
    .enum(['files', 'events'])
    .default('files')
    .describe(
      'events: there is no table of users; everyone with an event is one, signed up on the day of the first. Columns then are columns of the events (their value in the first event) or SQL aggregates over all events of the user, `where` is about the users so made, and `files` is not read',
    ),
});
