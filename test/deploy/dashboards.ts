import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const DASHBOARDS_FOLDER = 'deploy/grafana/dashboards';

export interface Target {
  refId: string;
  datasource: { type: string; uid: string };
  expr: string;
  legendFormat?: string;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { h: number; w: number; x: number; y: number };
  fieldConfig: { defaults: { unit?: string } };
  targets?: Target[];
}

export interface Variable {
  name: string;
  label: string;
  type: string;
  datasource?: { type: string; uid: string };
  query: string | { query: string };
  refresh: number;
  multi: boolean;
  allValue?: string;
}

export interface Annotation {
  name: string;
  builtIn?: number;
  datasource: { type: string; uid: string };
  expr?: string;
}

export interface Dashboard {
  id: null;
  uid: string;
  title: string;
  schemaVersion: number;
  editable: boolean;
  panels: Panel[];
  templating: { list: Variable[] };
  annotations: { list: Annotation[] };
}

export const dashboards: [file: string, dashboard: Dashboard][] = readdirSync(DASHBOARDS_FOLDER)
  .sort()
  .map((file) => [file, JSON.parse(readFileSync(join(DASHBOARDS_FOLDER, file), 'utf8')) as Dashboard]);

/** Panels that show something: all but rows. */
export function panelsOf({ panels }: Dashboard): Panel[] {
  return panels.filter(({ type }) => type !== 'row');
}

export interface Query {
  /** Panel or annotation. */
  of: string;
  expr: string;
}

export function queriesOf(dashboard: Dashboard): Query[] {
  return [
    ...panelsOf(dashboard).flatMap(({ title, targets }) =>
      (targets ?? []).map(({ expr }) => ({ of: title, expr })),
    ),
    ...dashboard.annotations.list.flatMap(({ name, expr }) => (expr ? [{ of: name, expr }] : [])),
  ];
}

/** The query as Grafana sends it when everything is selected. */
export function filledIn(expr: string, rateInterval: string): string {
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$job', '.+')
    .replaceAll('$instance', '.+');
}
