import { trainingSet } from '../data/steps/training-set.js';
import { ChurnError, type ErrorCode } from '../error.js';
import type { RoundProgress } from '../model/trainer/trainer.js';
import type { Project } from '../open.js';
import type { Decision } from '../policy/decide.js';
import type { Day } from '../time.js';
import { asOfDay, requireFresh } from './as-of.js';
import { decideRetrain } from './decide.js';
import { checkDrift } from './drift.js';
import { evaluatePredictions } from './evaluate.js';
import { type PromotionVerdict, promote } from './promote.js';
import { type JobRequest, recorded } from './record.js';
import { refreshData, runSteps } from './run-steps.js';
import { trainVersion } from './train.js';

export interface RetrainOptions {
  at: Day | null;
  /** Only when the policy says so. */
  ifNeeded: boolean;
  /** Build the data first. */
  refresh: boolean;
  onPhase?: (phase: string) => void;
  onRound?: (progress: RoundProgress) => void;
}

export interface RetrainResult {
  decision: Decision['decision'];
  at: Day;
  because: string;
  version: string | null;
  verdict: PromotionVerdict;
  checks: { id: string; passed: boolean; because: string }[];
  /** Checks that could not be made, so that no rule could rest on them. */
  not_checked: { check: string; because: string }[];
  /** Keys of the triggers that were open when it began, and that it answers. */
  triggers: string[];
}

/** Triggers that one retrain answers; more wait for the next. */
const TRIGGERS_READ = 10_000;

/**
 * Looks, decides, trains, compares and promotes or keeps; everything it did hangs under one run. It answers every trigger
 * that was open when it began, whoever started it; those stay open when it fails.
 */
export async function retrain(project: Project, options: RetrainOptions): Promise<RetrainResult> {
  const job: JobRequest = { command: 'retrain', at: options.at };
  return recorded(project, job, async (run) => {
    const phase = options.onPhase ?? (() => undefined);
    const open = await project.history.take({ kind: 'trigger', limit: TRIGGERS_READ });
    const triggers = open.map(({ key }) => key);
    const positions = open.map(({ position }) => position);
    const settle = () => project.history.settle({ kind: 'trigger', positions, run });
    if (options.refresh) {
      phase('building the data');
      await refreshData(project, { at: options.at, parent: run });
    } else if (options.at === null) {
      await requireFresh(project);
    }
    const at = await asOfDay(project, options.at);
    job.at = at;
    phase('looking at drift and outcomes');
    const not_checked = await lookAround(project, at, run);
    const decision = await decideRetrain(project, { at, parent: run });
    if (options.ifNeeded && decision.decision === 'wait') {
      const value: RetrainResult = {
        decision: 'wait',
        at,
        because: decision.because,
        version: null,
        verdict: 'none',
        checks: [],
        not_checked,
        triggers,
      };
      await settle();
      return { value, result: { ...value } };
    }
    phase('training');
    if (!options.refresh) {
      await runSteps(project, [trainingSet], { at, parent: run });
    }
    const trained = await trainVersion(project, { at, parent: run, onRound: options.onRound });
    phase('comparing with the champion');
    const promotion = await promote(project, { version: trained.version, force: false, at, parent: run });
    const { version, verdict, comparison, because } = promotion;
    const value: RetrainResult = {
      decision: 'retrain',
      at,
      because: options.ifNeeded ? decision.because : 'asked for by hand',
      version,
      verdict,
      checks: comparison?.checks ?? [{ id: verdict, passed: verdict === 'promoted', because }],
      not_checked,
      triggers,
    };
    await settle();
    return { value, writes: [{ path: project.registry.folder(trained.version) }], result: { ...value } };
  });
}

/**
 * Runs the checks that decisions rest on. One that cannot be made (yet) stops nothing: the rules that rest on it stay
 * quiet, and the result says why it was not made.
 */
async function lookAround(project: Project, at: Day, parent: string): Promise<RetrainResult['not_checked']> {
  const checks = [
    { check: 'drift', run: () => checkDrift(project, { at, refresh: false, parent }) },
    { check: 'evaluate', run: () => evaluatePredictions(project, { at, date: null, parent }) },
  ];
  const missing: RetrainResult['not_checked'] = [];
  for (const { check, run } of checks) {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof ChurnError) || !MAY_BE_MISSING.includes(error.code)) {
        throw error;
      }
      missing.push({ check, because: error.message });
    }
  }
  return missing;
}

/**
 * No champion, no predictions, a replay within the training days, too few rows, a champion that does not know what
 * drift.features now names.
 */
const MAY_BE_MISSING: readonly ErrorCode[] = [
  'registry.champion_missing',
  'input.missing',
  'usage.invalid',
  'data.insufficient',
  'model.mismatch',
];
