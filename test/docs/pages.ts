import { loadCommands } from '../../src/cli/commands/index.js';
import { configKeys } from '../../src/config/keys.js';
import { CHECKS } from '../../src/data/checks/index.js';
import { STEPS } from '../../src/data/steps/index.js';
import { ERRORS } from '../../src/error.js';
import { STATISTICS } from '../../src/monitor/drift/index.js';
import { MEASURES, THRESHOLD_MEASURES } from '../../src/monitor/performance/index.js';
import { RULES } from '../../src/policy/rules/index.js';
import { buildApp } from '../../src/serve/app.js';
import { HTTP_PROBLEMS } from '../../src/serve/problem.js';
import { exportedMetrics } from '../metrics/exported.js';
import { servingOf } from '../serve/parts.js';

/** The pages of docs/reference, made from the facts that the code carries. */
export const REFERENCE_PAGES: Record<string, () => string | Promise<string>> = {
  'api.md': apiPage,
  'commands.md': commandsPage,
  'configuration.md': configurationPage,
  'errors.md': errorsPage,
  'metrics.md': metricsPage,
  'statistics.md': statisticsPage,
  'pipeline.md': pipelinePage,
  'policy.md': policyPage,
};

const MADE = 'Made from the code by `UPDATE_DOCS=1 npm test -- docs`; a test compares.';

async function commandsPage(): Promise<string> {
  const sections = (await loadCommands()).map((command) => {
    const usage = [
      'churn-mlops',
      command.name,
      ...(command.arguments ?? []).map((argument) => argument.name),
      '[options]',
    ].join(' ');
    const rows = [
      ...(command.arguments ?? []).map(({ name, description }) => [code(name), description, '']),
      ...(command.options ?? []).map((option) => [
        code(option.flags),
        option.description + (option.many ? ' (may be repeated)' : ''),
        option.default ?? '',
      ]),
    ];
    const options =
      rows.length === 0 ? '' : `\n${table(['argument or option', 'meaning', 'default'], rows)}\n`;
    return `## ${command.name}\n\n${capital(command.summary)}.\n\n\`${usage}\`\n${options}\n\`\`\`\n${command.examples.join('\n')}\n\`\`\`\n`;
  });
  return `# Commands

Every command also takes \`-c, --config FILE\` (default: \`churn.yaml\` here or in a folder above), \`--json\` (one JSON
document on stdout, everything else on stderr), \`-q, --quiet\`, \`-v, --verbose\` and \`--help\`. Days are ISO days in UTC.
Exit codes: 0 fine, 2 drift found or retrain needed, 3 too little data for an answer, 1 crash, 64 usage, 65 bad data,
66 missing input, 74 input or output failed, 78 bad configuration. ${MADE}

${sections.join('\n')}`;
}

function configurationPage(): string {
  const rows = configKeys().map((key) => [
    code(key.path),
    key.type,
    shortDefault(key.default),
    key.description,
  ]);
  return `# Configuration

One YAML file, \`churn.yaml\`. \`churn-mlops init\` writes a commented one, \`churn-mlops config\` prints the resolved one with
the place that each value came from, \`churn-mlops config --schema\` the JSON Schema for editors. Every key without NAME in
its path can be set from the environment: \`CHURN_\` and its path in capitals with _ for the dot, for example
\`CHURN_DRIFT_FAIL=0.3\` or \`CHURN_HISTORY_URL=sqlite:/var/lib/churn/history.db\`; the value is read as YAML. NAME stands for a
name of your choice. Relative paths start at the folder of the file. ${MADE}

${table(['key', 'type', 'default', 'meaning'], rows)}
`;
}

/** What the server can do, without a model. */
const SERVING = servingOf({ model: null });

async function apiPage(): Promise<string> {
  const app = buildApp(SERVING, { logLines: null });
  await app.ready();
  const { paths = {} } = app.swagger() as { paths?: Record<string, Record<string, { summary?: string }>> };
  await app.close();
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary = '' }]) => [
      code(`${method.toUpperCase()} ${path}`),
      summary,
    ]),
  );
  const problems = Object.entries(HTTP_PROBLEMS).map(([name, { status, title }]) => [
    code(name),
    String(status),
    title,
  ]);
  return `# API

What \`churn-mlops serve\` answers. Bodies, parameters and answers in full: \`/openapi.json\`, and a page to try them at \`/docs\`. ${MADE}

${table(['request', 'answers'], routes)}

## Problems

A refusal is a problem document (RFC 9457, \`application/problem+json\`): \`type\`, \`title\`, \`status\`, \`detail\`, \`code\`,
\`request_id\`, and \`errors\` that name field, expectation and value. The Open Inference Protocol and MLflow routes answer in
the shapes of those protocols. Codes are those of [errors](errors.md), and:

${table(['code', 'status', 'meaning'], problems)}
`;
}

function metricsPage(): string {
  const rows = exportedMetrics()
    .filter(({ name }) => name.startsWith('churn_'))
    .map(({ name, type, labelNames, help }) => [code(name), type, labelNames.map(code).join(', '), help]);
  return `# Metrics

What \`GET /metrics\` of \`churn-mlops serve\` exports, beside the usual \`process_\` and \`nodejs_\` series. The results of jobs are
read from history when Prometheus asks, so that no push gateway is needed. ${MADE}

${table(['metric', 'type', 'labels', 'meaning'], rows)}
`;
}

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(([name, { exit, http, title }]) => [
    code(name),
    String(exit),
    String(http),
    title,
  ]);
  return `# Errors

An error is one line: what was expected, what came, what to do, and its code. With \`--json\` the same stands on stdout as
\`{"error": {"code", "exit", "message", "expected", "came", "fix"}}\`; \`--verbose\` adds causes and stacks. A crash (a bug)
exits with 1 and says so. ${MADE}

${table(['code', 'exit', 'HTTP', 'meaning'], rows)}
`;
}

const MEASURE_FACTS = ['id', 'title', 'range', 'better', 'undefined when', 'source'];

function statisticsPage(): string {
  const statistics = STATISTICS.map((statistic) => [
    code(statistic.id),
    statistic.title,
    statistic.appliesTo.join(', '),
    rangeText(statistic.range),
    `${statistic.bands.warn} / ${statistic.bands.fail}`,
    statistic.unit,
  ]);
  const definitions = STATISTICS.map((statistic) => [
    code(statistic.id),
    statistic.formula,
    statistic.undefinedWhen,
    statistic.source,
  ]);
  const facts = (measure: (typeof MEASURES)[number] | (typeof THRESHOLD_MEASURES)[number]) => [
    code(measure.id),
    measure.title,
    rangeText(measure.range),
    measure.better,
    measure.undefinedWhen,
    measure.source,
  ];
  return `# Statistics and measures

A statistic says how far a distribution has moved, a measure how good predictions were. ${MADE}

## Statistics

All are computed from two profiles (counts over bins that the reference fixes), so that SQL counts once and every engine
agrees. 0 means unchanged. p and q are the shares of the reference and of the current window over its cells: about 10 bins of
equal count, spikes and few distinct values by themselves, and cells of their own for nulls and unseen values. Levels are
of the absolute value, and for the shift of a normal column about those of PSI 0.1 and 0.25; \`drift.warn\` and \`drift.fail\`
set those of PSI, \`drift.by_feature\` any.

${table(['id', 'title', 'for', 'range', 'warn / fail', 'unit'], statistics)}

${table(['id', 'definition', 'undefined when', 'source'], definitions)}

## Measures

Of scores, with what happened:

${table(MEASURE_FACTS, MEASURES.map(facts))}

Of flagged rows (\`evaluation.flag\`):

${table(MEASURE_FACTS, THRESHOLD_MEASURES.map(facts))}

How often the intervals hold: [coverage](../coverage.md).
`;
}

function pipelinePage(): string {
  const steps = STEPS.map((step) => [
    code(step.id),
    step.title,
    step.reads.map(code).join(', '),
    step.writes.map(code).join(', '),
  ]);
  const checks = CHECKS.map((check) => [code(check.id), check.title, check.severity]);
  return `# Pipeline

Steps in order; each writes its files whole and leaves a record in history. ${MADE}

${table(['step', 'makes', 'reads', 'writes'], steps)}

## Data checks of \`validate\`

An error stops the pipeline before anything is made of the data, and what was made of those before stays; a warning is shown. All
problems are reported at once, with counts and examples; \`validate\` shows them in a table (or as JSON), writes them to
\`artifacts/metrics/validation_latest.json\` and ends with 65 when there is an error. A check is set by a severity or by a map,
and \`off\` is not looked for ([configuration](configuration.md), \`checks\`):

\`\`\`yaml
checks:
  volume: error
  freshness: { severity: error, within_days: 2 }
  event_types: { known: [login, video_watch, page_view] }
  unknown_users: off
\`\`\`

${table(['check', 'expects', 'severity'], checks)}

A day is one in UTC; the last whole day is the newest with events before today. \`volume\`: with x = ln(1 + n) for n events on a
day and m(w) the median of x on the weekday w over the 8 weeks before, the usual number is exp(m) - 1, and s the larger of
1.4826 times the median of |x - m(weekday)| over all those days and 1/√(1 + usual), the noise of counting. A day is told when
n is below 0.6 times the usual, or above 1/0.6 of it, and x is more than 5 s away from m; it is an error below 0.4 times the usual.
With fewer than 4 such weekdays or less than 100 events usual nothing is said. The same goes for each event type that
the configuration names, where all events together are as usual. On 24 generated clean years (80, 200 and 1,000 users;
7,416 days) 4 days were told and none was stopped; of 24 feeds that lost 70 % of their events 23 were stopped on the first
day (\`npm run test:slow -- false-alarms\`).
`;
}

function policyPage(): string {
  const rows = RULES.map((rule) => [code(rule.id), rule.kind, rule.title, rule.unit ?? '']);
  return `# Policy

\`churn-mlops decide\` asks every rule. A retrain is needed when any trigger fires and no veto stands. Each rule says
\`quiet\`, \`pending\` (it holds, but not for long enough), \`firing\` or \`veto\`, and why. ${MADE}

${table(['rule', 'kind', 'about', 'unit'], rows)}
`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

function rangeText(range: readonly [number | null, number | null]): string {
  return `${range[0] === null || range[0] === -Infinity ? '-∞' : range[0]} to ${range[1] === null || range[1] === Infinity ? '∞' : range[1]}`;
}

function shortDefault(value: unknown): string {
  if (value === undefined) {
    return '';
  }
  const text = JSON.stringify(value);
  return text.length > 60 ? 'see its keys' : code(text);
}
