import { open } from 'node:fs/promises';
import { join as joined } from 'node:path';
import { identifier, join, raw, type Sql, sql } from '../data/engine/sql.js';
import { inRoot } from '../data/layout.js';
import { configuredOutcomes, type OutcomeColumns, outcomesAsKnown } from '../data/outcomes.js';
import { writeWhole } from '../files.js';
import type { History } from '../history/history.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';

/** An outcome as the API takes it (serve/routes/outcomes.ts). */
export interface PostedOutcome {
  user_id: string;
  as_of_date: Day;
  churned: 0 | 1 | null;
  happened_at: string | null;
  treated: 0 | 1 | null;
  hold_out: 0 | 1 | null;
}

/** Outcomes that are given, as they were known at the end of the day `at`; null where they are derived from the events. */
export async function givenOutcomes(
  project: Project,
  at: Day,
): Promise<{ relation: Sql; path: string } | null> {
  const { config, layout } = project;
  return config.evaluation.posted_outcomes
    ? postedOutcomes(project, at)
    : configuredOutcomes(await project.engine(), config, layout.root, at);
}

const COLUMNS: OutcomeColumns = {
  id: 'user_id',
  outcome: 'churned',
  predicted: 'as_of_date',
  happened: 'happened_at',
  arrived: 'arrived_at',
  treated: 'treated',
  holdOut: 'hold_out',
};

const TYPES = [
  ['user_id', 'STRING'],
  ['churned', 'DOUBLE'],
  ['as_of_date', 'DATE'],
  ['happened_at', 'TIMESTAMP'],
  ['arrived_at', 'TIMESTAMP'],
  ['treated', 'DOUBLE'],
  ['hold_out', 'DOUBLE'],
] as const;

/** What was told is copied from history into a file first, so that it can be joined with the predictions. */
async function postedOutcomes(project: Project, at: Day): Promise<{ relation: Sql; path: string }> {
  const { config, root } = project;
  const engine = await project.engine();
  const path = inRoot(root, joined(config.data, 'processed', 'posted_outcomes.jsonl'));
  const rows = await writeWhole(path, (temporary) => copyEntries(project.history, temporary));
  const columns = TYPES.map(([name, type]) => {
    const value = rows === 0 ? raw('NULL') : sql`CAST(${identifier(name)} AS STRING)`;
    return sql`CAST(${value} AS ${raw(type)}) AS ${identifier(name)}`;
  });
  const from = rows === 0 ? raw('WHERE FALSE') : sql`FROM ${engine.dialect.readFiles(path, 'jsonl')}`;
  const types = TYPES.map(([name, type]) => ({ name, type }));
  const table = sql`(SELECT ${join(columns)} ${from})`;
  return { relation: outcomesAsKnown(engine, table, types, COLUMNS, at), path };
}

const PAGE = 5000;

/** Returns how many there are. */
async function copyEntries(history: History, path: string): Promise<number> {
  const file = await open(path, 'w');
  try {
    let rows = 0;
    for (let after = 0; ; ) {
      const page = await history.entries<PostedOutcome>({ kind: 'outcome', after, limit: PAGE });
      if (page.length === 0) {
        return rows;
      }
      const lines = page.map(
        ({ body, posted_at }) => `${JSON.stringify({ ...body, arrived_at: posted_at })}\n`,
      );
      await file.appendFile(lines.join(''));
      rows += page.length;
      after = page[page.length - 1].position;
    }
  } finally {
    await file.close();
  }
}
