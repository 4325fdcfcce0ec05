import { sql } from '../data/engine/sql.js';
import { labelledRows, labelsKnownUntil } from '../data/labelled.js';
import { betweenDays } from '../data/population.js';
import { ChurnError } from '../error.js';
import { readMatrix } from '../model/matrix.js';
import type { Manifest } from '../model/registry/manifest.js';
import { compareModels } from '../monitor/performance/compare.js';
import type { ComparisonReport } from '../monitor/performance/report.js';
import type { Project } from '../open.js';
import { addDays, type Day, later, type Window } from '../time.js';
import { asOfDay } from './as-of.js';
import { recorded } from './record.js';
import { scoresOf } from './scored-rows.js';

export interface CompareOptions {
  champion: string;
  challenger: string;
  at: Day | null;
  parent?: string | null;
}

/**
 * Scores two versions on the same reserved rows: labelled days, known by `at`, that neither learnt from, a purge gap
 * after the training days of both. Keeps the report in history; promotes nothing.
 */
export async function compareVersions(project: Project, options: CompareOptions): Promise<ComparisonReport> {
  return recorded(project, { command: 'compare', at: options.at, parent: options.parent }, async (run) => {
    const at = await asOfDay(project, options.at);
    const champion = await project.registry.find(options.champion);
    const challenger = await project.registry.find(options.challenger);
    requireSameTask(champion, challenger);
    const window = reservedWindow(champion, challenger, labelsKnownUntil(project.config, at));
    const report =
      window === null
        ? nothingReserved(champion, challenger)
        : await compareOn(project, champion, challenger, window, at);
    await project.history.addReport({
      run,
      kind: 'comparison',
      at,
      version: challenger.version,
      status: report.verdict,
      body: report,
    });
    return {
      value: report,
      result: {
        champion: champion.version,
        challenger: challenger.version,
        verdict: report.verdict,
        rows: report.rows,
      },
    };
  });
}

/** Days after both training windows and their purge gaps, up to `knownUntil`; null when there are none. */
export function reservedWindow(a: Manifest, b: Manifest, knownUntil: Day): Window | null {
  const from = later(addDays(a.data.to, a.data.purge_days), addDays(b.data.to, b.data.purge_days));
  return from < knownUntil ? { from, to: knownUntil } : null;
}

/** Versions that answer different questions cannot be compared. */
function requireSameTask(a: Manifest, b: Manifest): void {
  if (JSON.stringify(a.label) !== JSON.stringify(b.label)) {
    throw new ChurnError('model.mismatch', {
      expected: `versions with the same label (${JSON.stringify(a.label)})`,
      came: `${b.version} with ${JSON.stringify(b.label)}`,
    });
  }
}

async function compareOn(
  project: Project,
  champion: Manifest,
  challenger: Manifest,
  window: Window,
  at: Day,
): Promise<ComparisonReport> {
  const { config, layout } = project;
  const engine = await project.engine();
  const { query } = await labelledRows(engine, config, layout, at);
  const relation = sql`(SELECT * FROM (${query}) AS labelled WHERE ${betweenDays(sql`as_of_date`, window.from, window.to)})`;
  const seen = await readMatrix(engine, relation, champion.features);
  const sameFeatures = JSON.stringify(champion.features) === JSON.stringify(challenger.features);
  const seenByChallenger = sameFeatures ? seen : await readMatrix(engine, relation, challenger.features);
  const [before, after] = [
    await scoresOf(project, champion, seen),
    await scoresOf(project, challenger, seenByChallenger),
  ];
  const { labels, units } = seen;
  const comparison = compareModels(
    { labels, units, champion: before, challenger: after },
    {
      primary: config.gate.measure,
      minimumGain: config.gate.minimum_gain,
      minimumPerClass: config.gate.minimum_per_class,
      seed: config.training.seed,
      draws: config.evaluation.draws,
    },
  );
  return { champion: champion.version, challenger: challenger.version, window, ...comparison };
}

function nothingReserved(champion: Manifest, challenger: Manifest): ComparisonReport {
  const nothing = { champion: null, challenger: null, difference: null, interval: null };
  return {
    champion: champion.version,
    challenger: challenger.version,
    window: null,
    rows: 0,
    positives: 0,
    users: 0,
    measures: { pr_auc: nothing, roc_auc: nothing, log_loss: nothing, brier: nothing },
    primary: 'pr_auc',
    minimum_gain: 0,
    gain_lower_bound: null,
    checks: [
      {
        id: 'reserved_rows',
        passed: false,
        because: 'there are no labelled days that neither version learnt from',
      },
    ],
    verdict: 'undecided',
  };
}
