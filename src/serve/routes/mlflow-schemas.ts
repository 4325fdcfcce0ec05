/** Shapes of MLflow's scoring server, for the OpenAPI document. Requests are checked by mlflow-frame.ts, not by these. */

const error = {
  type: 'object',
  required: ['error_code', 'message'],
  properties: { error_code: { type: 'string' }, message: { type: 'string' } },
} as const;

const text = { type: 'string' } as const;

const DESCRIPTIONS: Record<number, string> = {
  400: 'The request is wrong; the message says how',
  401: 'A key is needed',
  403: 'The key may not do this',
  404: 'There is no such endpoint',
  413: 'The body or the number of rows is too large',
  422: 'The features and the model do not fit together',
  429: 'The key has asked too often',
  500: 'The server failed; nothing else is told',
  503: 'No model yet, too many requests, or too slow; see Retry-After',
};

function errors(...statuses: number[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: DESCRIPTIONS[status], content: { 'application/json': { schema: error } } },
    ]),
  );
}

const tags = ['mlflow'];

const plain = (description: string, type: string) => ({ description, content: { [type]: { schema: text } } });

export const pingSchema = {
  summary: 'Whether a model is loaded',
  tags,
  response: {
    200: plain('It is; the body is one line end', 'text/plain'),
    ...errors(404, 503),
  },
};

export const versionSchema = {
  summary: 'Version of the server',
  tags,
  response: { 200: plain('The version', 'text/plain'), ...errors(401, 403, 429, 500, 503) },
};

const rows = { type: 'array', items: { anyOf: [{ type: 'object' }, { type: 'array' }] } } as const;

const only = (form: string, schema: object) => ({
  type: 'object',
  required: [form],
  properties: { [form]: schema, params: { type: 'object', description: 'Accepted and ignored' } },
  additionalProperties: false,
});

const request = {
  oneOf: [
    only('dataframe_split', {
      type: 'object',
      required: ['columns', 'data'],
      properties: {
        columns: { type: 'array', items: text, uniqueItems: true },
        index: { type: 'array' },
        data: { type: 'array', items: { type: 'array' } },
      },
    }),
    only('dataframe_records', { type: 'array', items: { type: 'object' } }),
    only('instances', {
      ...rows,
      description: 'Objects, or lists in the order of the features of the model',
    }),
    only('inputs', {
      description: 'Columns by name, or rows as for instances',
      anyOf: [{ type: 'object', additionalProperties: { type: 'array' } }, rows],
    }),
  ],
};

const answer = {
  type: 'object',
  required: ['predictions'],
  properties: {
    predictions: {
      type: 'array',
      items: { type: 'number', minimum: 0, maximum: 1 },
      description: 'Probabilities of churn in the order of the rows',
    },
  },
} as const;

export const invocationSchema = {
  summary: 'Probabilities of churn, as of an MLflow scoring server',
  description:
    'Every feature of the model; null or a bare NaN (in a CSV also an empty value) says missing. Columns `user_id` and `snapshot_date` are for the prediction log',
  tags,
  body: {
    content: { 'application/json': { schema: request }, 'text/csv': { schema: text } },
  },
  response: {
    200: { description: 'One number per row', content: { 'application/json': { schema: answer } } },
    ...errors(400, 401, 403, 413, 422, 429, 500, 503),
    415: plain('The body is neither JSON nor CSV in UTF-8', 'text/plain'),
  },
};

export const endpointSchema = {
  ...invocationSchema,
  summary: 'The same under the path of the SageMaker runtime client',
  params: {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string', enum: ['churn'] } },
  },
  response: { ...invocationSchema.response, ...errors(404) },
};
