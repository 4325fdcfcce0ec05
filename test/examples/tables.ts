import { addDays, type Day } from '../../src/time.js';
import { markdown, measured, percent, type Said, whole } from './example.js';

type Interval = [number, number];

/** Rows that each step of `run` made. */
export function stepsTable({ json }: Said): string {
  const steps: { step: string; title: string; writes: { rows?: number }[] }[] = json;
  return markdown(
    ['step', 'makes', 'rows'],
    steps
      .filter(({ writes }) => writes[0]?.rows !== undefined)
      .map(({ step, title, writes }) => [step, title, whole(writes[0].rows as number)]),
  );
}

/** What `train` measured on its test days; several versions side by side. */
export function trainTable(versions: Record<string, Said>): string {
  return markdown(
    ['version', 'learnt from', 'tested on', 'rows, churned', 'PR-AUC', 'ROC-AUC', 'looks most at'],
    Object.entries(versions).map(([name, { json }]) => {
      const { data, measures, importance } = json;
      return [
        name,
        days(data.from, data.to),
        days(data.test.from, data.test.to),
        `${whole(data.test.rows)}, ${percent(data.test.positives / data.test.rows)}`,
        ...['pr_auc', 'roc_auc'].map((id) => measured(measures[id].value, measures[id].interval)),
        importance
          .slice(0, 3)
          .map(({ feature }: { feature: string }) => `\`${feature}\``)
          .join(', '),
      ];
    }),
  );
}

/** `evaluate`: one row of measures for each. */
export function evaluationTable(what: string, evaluations: Record<string, Said>): string {
  return markdown(
    [what, 'judged', 'positive', 'PR-AUC', 'times that rate', 'ROC-AUC', 'expected, happened'],
    Object.entries(evaluations).map(([name, { json }]) => [
      name,
      whole(json.sample_size),
      percent(json.positive_rate),
      measured(json.pr_auc, json.intervals.pr_auc),
      json.pr_auc_lift.toFixed(1),
      measured(json.roc_auc, json.intervals.roc_auc),
      `${whole(Math.round(json.calibration.expected))}, ${whole(json.calibration.observed)}`,
    ]),
  );
}

/** `evaluate --by month`. */
export function monthsTable({ json }: Said): string {
  const periods: {
    name: string;
    rows: number;
    positive_rate: number;
    pr_auc_lift: number;
    measures: Record<string, { value: number; interval: Interval }>;
  }[] = json.periods;
  return markdown(
    ['predictions of', 'judged', 'churned', 'PR-AUC', 'times that rate', 'ROC-AUC'],
    periods.map(({ name, rows, positive_rate, pr_auc_lift, measures }) => [
      name,
      whole(rows),
      percent(positive_rate),
      measured(measures.pr_auc.value, measures.pr_auc.interval),
      pr_auc_lift.toFixed(1),
      measured(measures.roc_auc.value, measures.roc_auc.interval),
    ]),
  );
}

interface Feature {
  name: string;
  status: string;
  value: number;
  because: string;
}

/** `drift --by week`. */
export function weeksTable({ json }: Said): string {
  const periods: {
    from: Day;
    report: { status: string; overall_max_psi: number; rows: { current: number }; features: Feature[] };
  }[] = json.periods;
  return markdown(
    ['week from', 'user-days', 'status', 'largest PSI', 'what drifted'],
    periods.map(({ from, report }) => [
      from,
      whole(report.rows.current),
      report.status,
      report.overall_max_psi.toFixed(3),
      report.features
        .filter(({ status }) => status === 'FAIL' || status === 'WARN')
        .map(({ name }) => `\`${name}\``)
        .join(', ') || 'nothing',
    ]),
  );
}

/** `drift`: its features, as it explains them; those in order only up to `most`. */
export function driftTable({ json }: Said, most = 5): string {
  const features: Feature[] = [...json.features].sort((a: Feature, b: Feature) => b.value - a.value);
  return markdown(
    ['feature', 'status', 'PSI', 'what moved'],
    features
      .slice(0, most)
      .map((feature) => [
        `\`${feature.name}\``,
        feature.status,
        feature.value.toFixed(3),
        explained(feature),
      ]),
  );
}

/** The sentence without the name that leads it. */
export function explained({ name, because }: Feature): string {
  return because.startsWith(`${name}: `) ? because.slice(name.length + 2) : because;
}

function days(from: Day, to: Day): string {
  return `${from} to ${addDays(to, -1)}`;
}
