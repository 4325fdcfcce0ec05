import { parseAllDocuments } from 'yaml';
import { kustomizeBuild } from './tools.js';

export const OVERLAYS = ['dev', 'prod'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** A manifest as Kubernetes reads it; what lies below is judged by its schema. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: of every kind
  [field: string]: any;
}

export interface Pod {
  /** Kind and name of what makes it. */
  owner: string;
  labels: Record<string, string>;
  spec: PodSpec;
}

export interface PodSpec {
  initContainers?: Container[];
  containers: Container[];
  volumes?: Record<string, unknown>[];
  securityContext?: Record<string, unknown>;
  serviceAccountName?: string;
  [field: string]: unknown;
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  securityContext?: Record<string, unknown>;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  [field: string]: unknown;
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

const rendered = new Map<Overlay, Promise<Manifest[]>>();

export function render(overlay: Overlay): Promise<Manifest[]> {
  const known = rendered.get(overlay);
  const made = known ?? kustomizeBuild(`deploy/kubernetes/overlays/${overlay}`).then(parseManifests);
  rendered.set(overlay, made);
  return made;
}

export function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const template =
      kind === 'Deployment' ? spec.template : kind === 'CronJob' ? spec.jobTemplate.spec.template : null;
    return template === null
      ? []
      : [{ owner: `${kind} ${metadata.name}`, labels: template.metadata.labels, spec: template.spec }];
  });
}

export function containersOf({ spec }: Pod): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

export function named(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter(
    (one) => one.kind === kind && (name === undefined || one.metadata.name === name),
  );
  if (found.length !== 1) {
    throw new Error(`expected one ${kind} ${name ?? ''}; got ${found.length}`);
  }
  return found[0];
}
