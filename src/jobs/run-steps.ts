import { STEPS } from '../data/steps/index.js';
import type { Step, StepOutcome } from '../data/steps/step.js';
import type { Project } from '../open.js';
import type { Day } from '../time.js';
import { recorded } from './record.js';

export interface StepReport extends StepOutcome {
  step: string;
  title: string;
  seconds: number;
}

export interface RunStepsOptions {
  at?: Day | null;
  parent?: string | null;
  signal?: AbortSignal;
  onStep?: (step: Step, done: StepReport | null) => void;
}

/** Runs steps in order, each recorded in history; the first failure ends it. */
export async function runSteps(
  project: Project,
  steps: readonly Step[],
  options: RunStepsOptions = {},
): Promise<StepReport[]> {
  const { at = null, parent = null, signal, onStep } = options;
  const context = {
    config: project.config,
    layout: project.layout,
    engine: await project.engine(),
    at,
    signal,
  };
  const reports: StepReport[] = [];
  for (const step of steps) {
    onStep?.(step, null);
    const started = performance.now();
    const outcome = await recorded(project, { command: step.id, at, parent }, async () => {
      const value = await step.run(context);
      return { value, ...value };
    });
    const report = {
      step: step.id,
      title: step.title,
      seconds: (performance.now() - started) / 1000,
      ...outcome,
    };
    reports.push(report);
    onStep?.(step, report);
  }
  return reports;
}

/** Everything from the sources to the training set. */
export function refreshData(project: Project, options: RunStepsOptions): Promise<StepReport[]> {
  return runSteps(project, STEPS, options);
}
