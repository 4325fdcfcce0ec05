/** Shapes of the Open Inference Protocol, for the OpenAPI document. Requests are checked by oip-body.ts, not by these. */

const parameters = {
  type: 'object',
  additionalProperties: { type: ['string', 'number', 'boolean'] },
} as const;

const shape = { type: 'array', items: { type: 'integer' } } as const;

const error = { type: 'object', required: ['error'], properties: { error: { type: 'string' } } } as const;

const DESCRIPTIONS: Record<number, string> = {
  400: 'The request is wrong; the text says how',
  401: 'A key is needed',
  403: 'The key may not do this',
  404: 'No such model or version',
  413: 'The body or the number of rows is too large',
  415: 'The body is neither JSON nor bytes',
  429: 'The key has asked too often',
  500: 'The server failed; nothing else is told',
  503: 'No model yet, too many requests, or too slow; see Retry-After',
};

const json = (schema: object, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** Errors of a route by status: always one text. */
function errors(...statuses: number[]) {
  return Object.fromEntries(statuses.map((status) => [status, json(error, DESCRIPTIONS[status])]));
}

const tags = ['open inference protocol'];

const params = {
  type: 'object',
  required: ['model'],
  properties: { model: { type: 'string', enum: ['churn'] } },
} as const;

const versionParams = {
  type: 'object',
  required: ['model', 'version'],
  properties: {
    ...params.properties,
    version: { type: 'string', description: 'The version that answers now' },
  },
} as const;

export const liveSchema = {
  summary: 'Whether the process answers at all',
  tags,
  response: { 200: json({ type: 'object', properties: { live: { type: 'boolean' } } }, 'It does') },
};

const readiness = {
  type: 'object',
  required: ['ready'],
  properties: { name: { type: 'string' }, live: { type: 'boolean' }, ready: { type: 'boolean' } },
} as const;

const notReady = {
  ...readiness,
  required: ['ready', 'error'],
  properties: { ...readiness.properties, error: { type: 'string' } },
} as const;

export const readySchema = {
  summary: 'Whether predictions can be asked for',
  tags,
  response: {
    200: json(readiness, 'They can'),
    503: json(notReady, 'No model yet, or the process is ending'),
  },
};

export const serverSchema = {
  summary: 'Name, version and extensions of the server',
  tags,
  response: {
    200: json(
      {
        type: 'object',
        required: ['name', 'version', 'extensions'],
        properties: {
          name: { type: 'string' },
          version: { type: 'string' },
          extensions: { type: 'array', items: { type: 'string' } },
        },
      },
      'The server',
    ),
    ...errors(401, 403, 429, 500, 503),
  },
};

const tensorMetadata = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'datatype', 'shape'],
    properties: { name: { type: 'string' }, datatype: { type: 'string' }, shape },
  },
} as const;

const metadata = {
  type: 'object',
  required: ['name', 'platform', 'inputs', 'outputs'],
  properties: {
    name: { type: 'string' },
    versions: { type: 'array', items: { type: 'string' } },
    platform: { type: 'string' },
    inputs: tensorMetadata,
    outputs: tensorMetadata,
  },
} as const;

const output = {
  type: 'object',
  required: ['name', 'datatype', 'shape', 'data'],
  properties: {
    name: { type: 'string' },
    datatype: { type: 'string' },
    shape,
    parameters,
    data: { type: 'array', items: { type: 'number' }, description: 'Probabilities of churn' },
  },
} as const;

const answer = {
  type: 'object',
  required: ['model_name', 'outputs'],
  properties: {
    model_name: { type: 'string' },
    model_version: { type: 'string' },
    id: { type: 'string' },
    outputs: { type: 'array', items: output },
  },
} as const;

const request = {
  type: 'object',
  required: ['inputs'],
  properties: {
    id: { type: 'string', description: 'Repeated in the answer' },
    parameters: {
      ...parameters,
      description: '`user_id` (of one row) and `snapshot_date` for the prediction log; others are ignored',
    },
    inputs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['name', 'shape', 'datatype'],
        properties: {
          name: { type: 'string' },
          shape: { ...shape, minItems: 1, items: { type: 'integer', minimum: 0 } },
          datatype: { type: 'string', examples: ['FP64', 'INT64', 'BOOL', 'BYTES'] },
          parameters,
          data: { type: 'array', description: 'Flat or nested; null or NaN: missing' },
        },
      },
    },
    outputs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string', const: 'churn_risk' }, parameters },
      },
    },
  },
} as const;

const INFER = `One tensor per feature, [n] or [n, 1], as the model's metadata lists them: a numeric datatype for a number, BYTES for a
category. Or one tensor \`features\` [n, columns] with the design matrix: numbers as they are, a category as one column for
each value the model knows. Missing values are null or NaN. Beside them BYTES or INT64 \`user_id\` and BYTES \`snapshot_date\`
for the prediction log. Tensors may come as bytes after the JSON (Inference-Header-Content-Length, binary_data_size); the
answer has bytes when \`binary_data\` is asked of the output.`;

/** Schemas of a model's routes, with or without a version in the path. */
export function modelSchemas(withVersion: boolean) {
  const shared = { tags, params: withVersion ? versionParams : params };
  return {
    metadata: {
      ...shared,
      summary: 'Inputs and outputs of the model',
      response: { 200: json(metadata, 'The model'), ...errors(401, 403, 404, 429, 500, 503) },
    },
    ready: {
      ...shared,
      summary: 'Whether the model answers',
      response: { 200: json(readiness, 'It does'), ...errors(404), 503: json(notReady, 'Not now') },
    },
    infer: {
      ...shared,
      summary: 'Probabilities of churn',
      description: INFER,
      body: { content: { 'application/json': { schema: request } } },
      response: {
        200: {
          description: 'One output, churn_risk',
          content: {
            'application/json': { schema: answer },
            'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
          },
        },
        ...errors(400, 401, 403, 404, 413, 415, 422, 429, 500, 503),
      },
    },
  };
}
