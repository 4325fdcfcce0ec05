import { readdirSync, readFileSync } from 'node:fs';
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
 * that no schema knows is an error, as with `kubectl apply --validate=strict`. A version that is not served is unknown.
 */
export async function manifestJudge(): Promise<ManifestJudge> {
  const known = new Map<string, () => ValidateFunction>();
  const specs = join(await schemaFolder('kubernetes'), 'api/openapi-spec/v3');
  for (const file of readdirSync(specs).filter((name) => /__v\d+_openapi\.json$/.test(name))) {
    addOpenApi(known, JSON.parse(readFileSync(join(specs, file), 'utf8')));
  }
  const crds = join(await schemaFolder('prometheusOperator'), 'example/prometheus-operator-crd');
  for (const file of readdirSync(crds).filter((name) => name.endsWith('.yaml'))) {
    addCustomResource(known, parse(readFileSync(join(crds, file), 'utf8')));
  }
  return (manifest) => {
    const kind = `${manifest.apiVersion} ${manifest.kind}`;
    const validate = known.get(kind)?.();
    if (validate === undefined) {
      return [`${kind} is served by no version that was asked`];
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

interface OpenApi {
  components: { schemas: Record<string, Schema> };
}

/** Only stable versions (v1, v2): a file name with alpha or beta is not read. */
function addOpenApi(known: Map<string, () => ValidateFunction>, document: OpenApi): void {
  let ajv: Ajv | null = null;
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    const kinds = schema['x-kubernetes-group-version-kind'] as
      | { group: string; version: string; kind: string }[]
      | undefined;
    for (const { group, version, kind } of kinds ?? []) {
      const id = `${group === '' ? version : `${group}/${version}`} ${kind}`;
      known.set(id, () => {
        ajv ??= newAjv().addSchema({ $id: 'k8s', ...strict(document as unknown as Schema) });
        return ajv.getSchema(`k8s#/components/schemas/${name}`) as ValidateFunction;
      });
    }
  }
}

interface CustomResourceDefinition {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}

function addCustomResource(known: Map<string, () => ValidateFunction>, crd: CustomResourceDefinition): void {
  for (const { name, served, schema } of crd.spec.versions) {
    if (served) {
      const top = strict(schema.openAPIV3Schema) as { properties: Schema };
      top.properties.metadata = { type: 'object' };
      known.set(`${crd.spec.group}/${name} ${crd.spec.names.kind}`, () => newAjv().compile(top));
    }
  }
}

function newAjv(): Ajv {
  return new Ajv({ strict: false, allErrors: true, validateFormats: false });
}

/** The same schema, in which an object may have no field that is not named. */
function strict(schema: unknown): Schema {
  if (Array.isArray(schema)) {
    return schema.map(strict) as unknown as Schema;
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema as Schema;
  }
  const copy: Schema = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const closed =
    typeof copy.properties === 'object' &&
    copy.type === 'object' &&
    copy.additionalProperties === undefined &&
    copy['x-kubernetes-preserve-unknown-fields'] === undefined;
  return closed ? { ...copy, additionalProperties: false } : copy;
}
