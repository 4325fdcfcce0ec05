/** JSON schemas that several routes share. They validate, serialize and document. */

export const userIdSchema = {
  type: ['string', 'integer'],
  maxLength: 256,
  description: 'Whose churn is asked for; repeated in the answer as text',
} as const;

export const snapshotDateSchema = {
  type: ['string', 'null'],
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: 'Day of the features (YYYY-MM-DD); repeated in the answer and kept in the log',
} as const;

/** Names and types are checked against the model that answers, not here. */
export const featuresSchema = {
  type: 'object',
  description:
    'Every feature of the model by name: a number (true and false are 1 and 0), a text for a category, null for a missing value',
  additionalProperties: true,
} as const;

export const explainSchema = {
  anyOf: [{ type: 'boolean' }, { type: 'integer', minimum: 1, maximum: 1000 }],
  description: 'true: the five strongest contributions to the log-odds; a number: so many',
} as const;

export const explanationSchema = {
  type: 'array',
  description: 'Contributions to the log-odds before calibration (Shapley values), strongest first',
  items: {
    type: 'object',
    required: ['feature', 'contribution'],
    properties: { feature: { type: 'string' }, contribution: { type: 'number' } },
  },
} as const;

export const answerSchema = {
  type: 'object',
  required: ['user_id', 'churn_risk', 'model_version'],
  properties: {
    user_id: { type: 'string' },
    churn_risk: { type: 'number', minimum: 0, maximum: 1, description: 'Probability of churn' },
    model_version: { type: 'string' },
    snapshot_date: { type: 'string' },
    explanation: explanationSchema,
  },
} as const;

export const problemSchema = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What was expected and what came' },
    code: { type: 'string' },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'expected', 'value'],
        properties: {
          field: { type: 'string' },
          expected: { type: 'string' },
          value: { type: 'string', description: 'What came, shortened' },
        },
      },
    },
    error_count: { type: 'integer', description: 'All wrong values, also those not named' },
  },
} as const;

/** Problem answers of a route by status, for its schema. */
export function problems<S extends number>(...statuses: S[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: DESCRIPTIONS[status] ?? 'Refused',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

const DESCRIPTIONS: Record<number, string> = {
  400: 'The request is wrong; every wrong value is named',
  401: 'A key is needed',
  403: 'The key may not do this',
  404: 'Not there; the detail says why',
  409: 'Not possible now',
  413: 'The body or the number of rows is too large',
  415: 'The body is not JSON',
  422: 'The features and the model do not fit together',
  429: 'The key has asked too often',
  500: 'The server failed; nothing else is told',
  503: 'No model yet, too many requests, or too slow; see Retry-After',
};
