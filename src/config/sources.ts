import { z } from 'zod';

const column = z
  .union([
    z.string().describe('Name of a column in the files'),
    z.strictObject({ sql: z.string().describe('SQL expression over the columns of the files') }),
  ])
  .describe('Name of a column in the files, or an expression');

/** One source: the files, and how their columns are called by us. */
export const source = (what: string, needed: string, files: string) =>
  z.strictObject({
    files: z.string().default(files).describe(`Path or glob of ${what}, relative to the configuration file`),
    format: z
      .enum(['auto', 'parquet', 'csv', 'jsonl'])
      .default('auto')
      .describe('auto: by the ending of the path'),
    columns: z
      .record(z.string(), column)
      .default({})
      .describe(
        `Our column name: the name there, or \`{sql: EXPRESSION}\`. Unnamed columns keep their names. Needed: ${needed}`,
      ),
    where: z
      .string()
      .optional()
      .describe('SQL condition over the columns of the files; other rows are left out'),
  });

/** Users: files of their own, or whoever has an event. */
export const users = source('the users', 'user_id, signup_date', 'data/raw/users.parquet').extend({
  from: z
    .enum(['files', 'events'])
    .default('files')
    .describe(
      'events: there is no table of users; everyone with an event is one, signed up on the day of the first. Columns then are columns of the events (their value in the first event) or SQL aggregates over all events of the user, `where` is about the users so made, and `files` is not read',
    ),
});
