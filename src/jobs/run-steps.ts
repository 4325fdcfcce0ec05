import type { Rebuild } from '../data/refresh/plan.js';
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
  /** What is made anew although nothing changed. */
  rebuild?: Rebuild;
  onStep?: (step: Step, done: StepReport | null) => void;
}

/** Runs steps in order as parts of one run; the first failure ends it. A single step is a run of its own. */
export async function runSteps(
  project: Project,
  steps: readonly Step[],
  options: RunStepsOptions = {},
): Promise<StepReport[]> {
  if (options.parent || steps.length === 1) {
    return eachStep(project, steps, options);
  }
  const job = { command: 'run', at: options.at };
  return recorded(project, job, async (run) => {
    const reports = await eachStep(project, steps, { ...options, parent: run });
    return {
      value: reports,
      reads: reports[0]?.reads,
      writes: reports.flatMap((report) => report.writes),
      result: { steps: reports.map((report) => report.step).join(', ') },
    };
  });
}

async function eachStep(
  project: Project,
  steps: readonly Step[],
  { at = null, parent = null, rebuild, onStep }: RunStepsOptions,
): Promise<StepReport[]> {
  const { config, layout, signal, clock } = project;
  const reports: StepReport[] = [];
  for (const step of steps) {
    onStep?.(step, null);
    const started = performance.now();
    const outcome = await recorded(project, { command: step.id, at, parent }, async () => {
      const engine = await project.engine();
      const value = await step.run({ config, layout, engine, at, now: clock(), rebuild, signal });
      return { value, ...value, result: { ...value.result, refreshed: value.refreshed } };
    });
    const seconds = (performance.now() - started) / 1000;
    const report = { step: step.id, title: step.title, seconds, ...outcome };
    reports.push(report);
    onStep?.(step, report);
  }
  return reports;
}

/** Everything from the sources to the training set. */
export function refreshData(project: Project, options: RunStepsOptions): Promise<StepReport[]> {
  return runSteps(project, STEPS, options);
}
