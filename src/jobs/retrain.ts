import { trainingSet } from '../data/steps/training-set.js';
import { ChurnError } from '../error.js';
import type { RoundProgress } from '../model/trainer/trainer.js';
import type { Project } from '../open.js';
import type { Decision } from '../policy/decide.js';
import type { Day } from '../time.js';
import { asOfDay } from './as-of.js';
import { decideRetrain } from './decide.js';
import { checkDrift } from './drift.js';
import { evaluatePredictions } from './evaluate.js';
import { type PromotionResult, type PromotionVerdict, promote } from './promote.js';
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
  signal?: AbortSignal;
}

export interface RetrainResult {
  decision: Decision['decision'];
  at: Day;
  because: string;
  version: string | null;
  verdict: PromotionVerdict;
  checks: { id: string; passed: boolean; because: string }[];
}

/** Looks, decides, trains, compares and promotes or keeps; everything it did hangs under one run. */
export async function retrain(project: Project, options: RetrainOptions): Promise<RetrainResult> {
  const job: JobRequest = { command: 'retrain', at: options.at };
  return recorded(project, job, async (run) => {
    const phase = options.onPhase ?? (() => undefined);
    if (options.refresh) {
      phase('building the data');
      await refreshData(project, { at: options.at, parent: run, signal: options.signal });
    }
    const at = await asOfDay(project, options.at);
    job.at = at;
    phase('looking at drift and outcomes');
    await lookAround(project, at, run);
    const decision = await decideRetrain(project, { at, parent: run });
    if (options.ifNeeded && decision.decision === 'wait') {
      const value: RetrainResult = {
        decision: 'wait',
        at,
        because: decision.because,
        version: null,
        verdict: 'none',
        checks: [],
      };
      return { value, result: { ...value } };
    }
    phase('training');
    if (!options.refresh) {
      await runSteps(project, [trainingSet], { at, parent: run, signal: options.signal });
    }
    const trained = await trainVersion(project, {
      at,
      parent: run,
      onRound: options.onRound,
      signal: options.signal,
    });
    phase('comparing with the champion');
    const promotion = await promote(project, { version: trained.version, force: false, at, parent: run });
    const value = resultOf(at, options.ifNeeded ? decision.because : 'asked for by hand', promotion);
    return { value, writes: [{ path: project.registry.folder(trained.version) }], result: { ...value } };
  });
}

/** Runs the checks that decisions rest on. One that cannot be made leaves its reason in history and stops nothing. */
async function lookAround(project: Project, at: Day, parent: string): Promise<void> {
  const checks = [
    () => checkDrift(project, { at, refresh: false, parent }),
    () => evaluatePredictions(project, { at, date: null, parent }),
  ];
  for (const check of checks) {
    await check().catch((error) => {
      if (!(error instanceof ChurnError) || !MAY_BE_MISSING.includes(error.code)) {
        throw error;
      }
    });
  }
}

/** No champion yet, no predictions yet, a replay within the training days, too few rows. */
const MAY_BE_MISSING = ['registry.champion_missing', 'input.missing', 'usage.invalid', 'data.insufficient'];

function resultOf(at: Day, because: string, promotion: PromotionResult): RetrainResult {
  return {
    decision: 'retrain',
    at,
    because,
    version: promotion.version,
    verdict: promotion.verdict,
    checks: promotion.comparison?.checks ?? [
      { id: promotion.verdict, passed: promotion.verdict === 'promoted', because: promotion.because },
    ],
  };
}
