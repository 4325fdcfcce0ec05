import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { ruleGroups } from './rules.js';

/** Manifests that say what another file says, in the words of prometheus-operator. */
export const GENERATED: Record<string, () => string> = {
  'deploy/prometheus/prometheusrule.yaml': prometheusRule,
  'deploy/alertmanager/alertmanagerconfig.yaml': alertmanagerConfig,
};

function manifest(source: string, content: object): string {
  const made = `# Made from ${source} by \`UPDATE_DOCS=1 npm test -- deploy\`; a test compares.\n`;
  return made + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}

function prometheusRule(): string {
  return manifest('rules/*.yaml', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'churn-mlops' },
    spec: { groups: ruleGroups() },
  });
}

interface Route {
  matchers?: string[];
  routes?: Route[];
  [field: string]: unknown;
}

interface InhibitRule {
  source_matchers: string[];
  target_matchers: string[];
  equal: string[];
}

interface Webhook {
  http_config: { authorization: { type: string; credentials_file: string } };
  [field: string]: unknown;
}

interface AlertmanagerFile {
  route: Route;
  inhibit_rules: InhibitRule[];
  receivers: { name: string; webhook_configs?: Webhook[] }[];
}

export function alertmanagerFile(): AlertmanagerFile {
  return parse(readFileSync('deploy/alertmanager/alertmanager.yml', 'utf8')) as AlertmanagerFile;
}

function alertmanagerConfig(): string {
  const { route, inhibit_rules, receivers } = alertmanagerFile();
  return manifest('alertmanager.yml', {
    apiVersion: 'monitoring.coreos.com/v1alpha1',
    kind: 'AlertmanagerConfig',
    metadata: { name: 'churn-mlops' },
    spec: {
      route: routeOf(route),
      inhibitRules: inhibit_rules.map(({ source_matchers, target_matchers, equal }) => ({
        sourceMatch: source_matchers.map(matcherOf),
        targetMatch: target_matchers.map(matcherOf),
        equal,
      })),
      receivers: receivers.map(({ name, webhook_configs }) => ({
        name,
        ...(webhook_configs && { webhookConfigs: webhook_configs.map(webhookOf) }),
      })),
    },
  });
}

function routeOf({ matchers, routes, ...fields }: Route): object {
  return {
    ...camelCased(fields),
    ...(matchers && { matchers: matchers.map(matcherOf) }),
    ...(routes && { routes: routes.map(routeOf) }),
  };
}

function matcherOf(text: string): { name: string; matchType: string; value: string } {
  const match = /^(\w+) (=|!=|=~|!~) "([^"]*)"$/.exec(text);
  if (match === null) {
    throw new Error(`expected a matcher such as name = "value"; got ${text}`);
  }
  return { name: match[1], matchType: match[2], value: match[3] };
}

/** Where a file is mounted from a Secret, prometheus-operator names the Secret. */
function webhookOf({ http_config, ...fields }: Webhook): object {
  const { type, credentials_file } = http_config.authorization;
  const [name, key] = credentials_file.split('/').slice(-2);
  return { ...camelCased(fields), httpConfig: { authorization: { type, credentials: { name, key } } } };
}

function camelCased(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
