import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { Manifest } from './manifests.js';
import { schemaFolder } from './tools.js';

type Schema = Record<string, unknown>;

/** Says what is wrong with a manifest; empty when nothing is. */
export type ManifestJudge = (manifest: Manifest) => string[];

/**
 * Judges by what Kubernetes itself publishes (its OpenAPI documents, and the CRDs of prometheus-operator), strictly: a field
 * that no schema knows is an error, as with `kubectl apply --validate=strict`. Of Kubernetes only stable versions count.
 */
export async function manifestJudge(): Promise<ManifestJudge> {
  const specs = join(await schemaFolder('kubernetes'), 'api/openapi-spec/v3');
  const crds = join(await schemaFolder('prometheusOperator'), 'example/prometheus-operator-crd');
  const documents = new Map<string, OpenApiValidators | null>();
  const validators = new Map<string, ValidateFunction | null>();
  const find = ({ apiVersion, kind }: Manifest): ValidateFunction | null => {
    if (!documents.has(apiVersion)) {
      documents.set(apiVersion, openApiOf(specs, apiVersion));
    }
    return documents.get(apiVersion)?.(kind) ?? customResourceOf(crds, apiVersion, kind);
  };
  return (manifest) => {
    const id = `${manifest.apiVersion} ${manifest.kind}`;
    const validate = validators.get(id) ?? find(manifest);
    validators.set(id, validate);
    if (validate === null) {
      return [`${id} is served by no version that was asked`];
    }
    const valid: boolean = validate(manifest);
    return valid
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) =>
            `${manifest.kind} ${manifest.metadata.name} ${instancePath}: ${message} ${JSON.stringify(params)}`,
        );
  };
}

type OpenApiValidators = (kind: string) => ValidateFunction | null;

interface OpenApi {
  components: {
    schemas: Record<string, { 'x-kubernetes-group-version-kind'?: { version: string; kind: string }[] }>;
  };
}

function openApiOf(specs: string, apiVersion: string): OpenApiValidators | null {
  const parts = apiVersion.split('/');
  const file = join(specs, `${[parts.length > 1 ? 'apis' : 'api', ...parts].join('__')}_openapi.json`);
  const version = parts[parts.length - 1];
  if (!/^v\d+$/.test(version) || !existsSync(file)) {
    return null;
  }
  const document = JSON.parse(readFileSync(file, 'utf8')) as OpenApi;
  const ajv = newAjv().addSchema({ $id: 'k8s', ...(strict(document) as Schema) });
  return (wanted) => {
    const name = Object.entries(document.components.schemas).find(([, schema]) =>
      schema['x-kubernetes-group-version-kind']?.some(
        (one) => one.kind === wanted && one.version === version,
      ),
    )?.[0];
    return name === undefined ? null : (ajv.getSchema(`k8s#/components/schemas/${name}`) ?? null);
  };
}

interface CustomResourceDefinition {
  spec: { versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[] };
}

function customResourceOf(crds: string, apiVersion: string, kind: string): ValidateFunction | null {
  const [group, version] = apiVersion.split('/');
  const file = join(crds, `${group}_${kind.toLowerCase()}s.yaml`);
  if (!existsSync(file)) {
    return null;
  }
  const { spec } = parse(readFileSync(file, 'utf8')) as CustomResourceDefinition;
  const served = spec.versions.find((one) => one.name === version && one.served);
  if (served === undefined) {
    return null;
  }
  const schema = strict(served.schema.openAPIV3Schema) as { properties: Schema };
  schema.properties.metadata = { type: 'object' };
  return newAjv().compile(schema);
}

function newAjv(): Ajv {
  return new Ajv({ strict: false, allErrors: true, validateFormats: false });
}

/** The same schema, in which an object may have no field that is not named. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(strict);
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  const copy: Schema = Object.fromEntries(
    Object.entries(schema)
      // Go's inline flags are no regular expression of JavaScript.
      .filter(([key, value]) => !(key === 'pattern' && String(value).includes('(?i)')))
      .map(([key, value]) => [key, strict(value)]),
  );
  const closed =
    typeof copy.properties === 'object' &&
    copy.type === 'object' &&
    copy.additionalProperties === undefined &&
    copy['x-kubernetes-preserve-unknown-fields'] === undefined;
  return closed ? { ...copy, additionalProperties: false } : copy;
}
