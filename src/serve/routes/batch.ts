import type { FastifyInstance } from 'fastify';
import { type Predictions, predictColumns, predictRecords, type RecordRow } from '../predict.js';
import { HttpProblem } from '../problem.js';
import type { Serving } from '../serving.js';
import { explainCount } from './answer.js';
import { checkDay, refuse } from './check.js';
import { type ColumnsBody, readColumnsJson } from './columns-json.js';
import { giveBack } from './number-list.js';
import {
  explainSchema,
  explanationSchema,
  featuresSchema,
  problems,
  snapshotDateSchema,
  userIdSchema,
} from './schemas.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The columns of a batch that were read beside the body (columns-json.ts). */
    columns: ColumnsBody['columns'] | null;
  }
}

interface BatchRow {
  user_id?: string | number;
  snapshot_date?: string | null;
  features: Record<string, unknown>;
}

interface BatchBody {
  rows?: BatchRow[];
  columns?: Record<string, unknown[]>;
  user_ids?: (string | number | null)[];
  snapshot_date?: string | null;
  explain?: boolean | number;
}

const body = {
  type: 'object',
  additionalProperties: false,
  description: 'Either `rows` or `columns` (with `user_ids` where they are known); columns are read faster',
  properties: {
    rows: {
      type: 'array',
      items: {
        type: 'object',
        required: ['features'],
        additionalProperties: false,
        properties: { user_id: userIdSchema, snapshot_date: snapshotDateSchema, features: featuresSchema },
      },
    },
    columns: {
      type: 'object',
      description: 'By feature, one value per row',
      additionalProperties: { type: 'array' },
    },
    user_ids: { type: 'array', items: { type: ['string', 'integer', 'null'], maxLength: 256 } },
    snapshot_date: snapshotDateSchema,
    explain: explainSchema,
  },
  oneOf: [{ required: ['rows'] }, { required: ['columns'] }],
} as const;

const answer = {
  type: 'object',
  required: ['model_version', 'rows', 'churn_risk'],
  properties: {
    model_version: { type: 'string' },
    rows: { type: 'integer' },
    churn_risk: { type: 'array', items: { type: 'number' }, description: 'In the order of the rows' },
    user_id: {
      type: 'array',
      items: { type: ['string', 'null'] },
      description: 'As text, where any were sent',
    },
    explanation: { type: 'array', items: explanationSchema },
  },
} as const;

const schema = {
  summary: 'Probabilities of churn of many users, all from one model version',
  tags: ['predict'],
  body,
  response: { 200: answer, ...problems(400, 401, 403, 413, 415, 429, 500, 503) },
};

export function batchRoute(app: FastifyInstance, serving: Serving): void {
  const { limits } = serving.settings;
  readColumnsBesideTheBody(app);
  app.post<{ Body: BatchBody }>(
    '/predict/batch',
    { schema, config: { scope: 'predict' }, handlerTimeout: limits.answer_seconds * 1000 },
    async (request) => {
      const { rows, explain } = request.body;
      const columns = request.columns ?? request.body.columns ?? {};
      checkDay(request.body.snapshot_date, 'snapshot_date');
      const count = rows?.length ?? rowsOf(columns);
      requireFewRows(count, limits.batch_rows, 'rows');
      if (explainCount(explain) > 0) {
        requireFewRows(count, limits.explained_rows, 'rows with explanations');
      }
      const facts = { requestId: request.id, explain: explainCount(explain) };
      return rows
        ? answerRows(serving, rows, request.body, facts)
        : answerColumns(serving, columns, count, request.body, facts);
    },
  );
}

/** Bodies with columns take the fast way; all others, and what is no JSON, take Fastify's own. */
function readColumnsBesideTheBody(app: FastifyInstance): void {
  const readWhole = app.getDefaultJsonParser('error', 'error');
  app.decorateRequest('columns', null);
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    const body = readColumnsJson(bytes);
    if (body === null) {
      readWhole(request, bytes.toString('utf8'), done);
    } else {
      request.columns = body.columns;
      done(null, body.rest);
    }
  });
}

interface Facts {
  requestId: string;
  explain: number;
}

async function answerRows(
  serving: Serving,
  rows: BatchRow[],
  { user_ids, snapshot_date = null }: BatchBody,
  facts: Facts,
) {
  if (user_ids) {
    refuse('user_ids', 'a user_id in each of the rows instead', user_ids);
  }
  const records = rows.map((row, index): RecordRow => {
    checkDay(row.snapshot_date, `rows[${index}].snapshot_date`);
    return {
      userId: row.user_id ?? null,
      snapshotDate: row.snapshot_date ?? snapshot_date,
      features: row.features,
    };
  });
  const predictions = await predictRecords(serving, { ...facts, rows: records });
  const named = records.some((row) => row.userId !== null);
  return answerOfAll(predictions, named ? records.map((row) => row.userId) : null);
}

async function answerColumns(
  serving: Serving,
  columns: ColumnsBody['columns'],
  rows: number,
  sent: BatchBody,
  facts: Facts,
) {
  const { user_ids: userIds = null, snapshot_date = null } = sent;
  const snapshotDates = snapshot_date === null ? null : new Array<string>(rows).fill(snapshot_date);
  const predictions = await predictColumns(serving, { ...facts, rows, columns, userIds, snapshotDates });
  for (const column of Object.values(columns)) {
    if (column instanceof Float64Array) {
      giveBack(column);
    }
  }
  return answerOfAll(predictions, userIds);
}

function answerOfAll(
  { model, risks, explanations }: Predictions,
  userIds: (string | number | null)[] | null,
) {
  return {
    model_version: model.manifest.version,
    rows: risks.length,
    churn_risk: Array.from(risks),
    ...(userIds !== null && { user_id: userIds.map((id) => (id === null ? null : String(id))) }),
    ...(explanations !== null && { explanation: explanations }),
  };
}

/** Rows of the longest column: shorter ones are then named as wrong. */
function rowsOf(columns: ColumnsBody['columns']): number {
  return Math.max(0, ...Object.values(columns).map((column) => column.length));
}

function requireFewRows(rows: number, most: number, what: string): void {
  if (rows > most) {
    throw new HttpProblem('http.too_large', `expected at most ${most} ${what}; got ${rows}`);
  }
}
