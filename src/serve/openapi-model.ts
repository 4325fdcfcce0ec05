import type { FeatureSpec } from '../model/encode.js';
import type { LiveModel } from './parts.js';

/** A part of a JSON document. */
export type Json = { [key: string]: unknown };

/** Largest number the model takes. */
const LARGEST = 3.4028234663852886e38;

const FEATURES = 'ModelFeatures';
const COLUMNS = 'ModelColumns';

/**
 * The document with the features of the model that answers: their names and types where rows are sent, and a row to try. A
 * copy; the document of the routes stays as it is.
 */
export function withModel(document: Json, model: LiveModel): Json {
  const copy = structuredClone(document);
  const { features } = model.encoding;
  const schemas = within(copy, 'components', 'schemas');
  if (schemas === null) {
    return copy;
  }
  const { version } = model.manifest;
  schemas[FEATURES] = objectOf(features, `Features of model ${version}; null: missing`, schemaOf);
  schemas[COLUMNS] = objectOf(features, `Features of model ${version}, one value per row`, (feature) => ({
    type: 'array',
    items: schemaOf(feature),
  }));
  const one = bodyOf(copy, '/predict');
  set(within(one, 'schema', 'properties'), 'features', reference(FEATURES));
  const batch = bodyOf(copy, '/predict/batch');
  set(within(batch, 'schema', 'properties', 'rows', 'items', 'properties'), 'features', reference(FEATURES));
  set(within(batch, 'schema', 'properties'), 'columns', reference(COLUMNS));
  addExamples(copy, features);
  return copy;
}

function addExamples(document: Json, features: readonly FeatureSpec[]): void {
  const row = Object.fromEntries(features.map((feature) => [feature.name, exampleOf(feature)]));
  const inputs = features.map((feature) => ({
    name: feature.name,
    shape: [1],
    datatype: feature.type === 'number' ? 'FP64' : 'BYTES',
    data: [exampleOf(feature)],
  }));
  const examples: Record<string, unknown> = {
    '/predict': { user_id: '42', features: row, explain: true },
    '/predict/batch': { rows: [{ user_id: '42', features: row }] },
    '/v2/models/{model}/infer': { inputs },
    '/v2/models/{model}/versions/{version}/infer': { inputs },
    '/invocations': { dataframe_records: [row] },
    '/endpoints/{name}/invocations': { dataframe_records: [row] },
  };
  for (const [path, example] of Object.entries(examples)) {
    set(bodyOf(document, path), 'example', example);
  }
}

function objectOf(
  features: readonly FeatureSpec[],
  description: string,
  schemaOfOne: (feature: FeatureSpec) => Json,
): Json {
  return {
    type: 'object',
    description,
    required: features.map(({ name }) => name),
    properties: Object.fromEntries(features.map((feature) => [feature.name, schemaOfOne(feature)])),
    additionalProperties: false,
  };
}

function schemaOf(feature: FeatureSpec): Json {
  return feature.type === 'number'
    ? { type: ['number', 'boolean', 'null'], minimum: -LARGEST, maximum: LARGEST }
    : {
        type: ['string', 'null'],
        description: 'Other texts are scored as none of the known ones',
        examples: [...feature.categories],
      };
}

function exampleOf(feature: FeatureSpec): number | string | null {
  return feature.type === 'number' ? 1 : (feature.categories[0] ?? null);
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function bodyOf(document: Json, path: string): Json | null {
  return within(document, 'paths', path, 'post', 'requestBody', 'content', 'application/json');
}

function within(document: Json | null, ...path: string[]): Json | null {
  return path.reduce<Json | null>((place, key) => (place?.[key] as Json | undefined) ?? null, document);
}

/** Nothing where the server has no such route. */
function set(place: Json | null, key: string, value: unknown): void {
  if (place !== null) {
    place[key] = value;
  }
}
