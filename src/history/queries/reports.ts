import type { Kysely } from 'kysely';
import type { ReportFilter } from '../history.js';
import type { ReportRow, Tables } from '../schema.js';

/** A report without a day has an empty one, which sorts last here, and before every `until`. */
export function listReports(db: Kysely<Tables>, filter: ReportFilter): Promise<ReportRow[]> {
  const { kind, run, version, until, limit } = filter;
  let query = db.selectFrom('reports').selectAll().orderBy('as_of', 'desc').orderBy('id', 'desc');
  query = kind === undefined ? query : query.where('kind', '=', kind);
  query = run === undefined ? query : query.where('run', '=', run);
  query = version === undefined ? query : query.where('version', '=', version);
  query = until === undefined ? query : query.where('as_of', '<=', until).where('as_of', '>', '');
  query = limit === undefined ? query : query.limit(limit);
  return query.execute();
}
