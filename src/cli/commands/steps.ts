import type { Problem } from '../../data/checks/check.js';
import { STEPS } from '../../data/steps/index.js';
import type { Step } from '../../data/steps/step.js';
import { problemLine, validate } from '../../data/steps/validate.js';
import { ChurnError } from '../../error.js';
import { runSteps, type StepReport } from '../../jobs/run-steps.js';
import { AT_OPTION, type CliCommand, type CliContext, EXIT } from '../command.js';
import type { Output } from '../output.js';
import { count } from '../output.js';
import { showValidation } from '../validation-view.js';
import { dayOption, textOption } from '../values.js';

/** One command per step of the pipeline. */
export const stepCommands: CliCommand[] = STEPS.map((step) => ({
  name: step.id,
  summary: `pipeline: ${step.title}`,
  options: step.id === 'training-set' ? [AT_OPTION] : [],
  examples: [`churn-mlops ${step.id}`, `churn-mlops ${step.id} --json`],
  run: step === validate ? showValidation : (context) => runAndShow(context, [step]),
}));

export const runCommand: CliCommand = {
  name: 'run',
  summary: 'run the pipeline from the sources to the training set',
  options: [
    { flags: '--from <step>', description: 'first step', default: STEPS[0].id },
    { flags: '--to <step>', description: 'last step', default: STEPS[STEPS.length - 1].id },
    {
      flags: '--force',
      description: 'run every step, also those whose input has not changed (at present all always run)',
    },
    AT_OPTION,
  ],
  examples: [
    'churn-mlops run',
    'churn-mlops run --from features',
    'churn-mlops run --from labels --to training-set --at 2025-08-31',
  ],
  run: (context) => {
    const first = indexOfStep(textOption(context.options, 'from') ?? STEPS[0].id);
    const last = indexOfStep(textOption(context.options, 'to') ?? STEPS[STEPS.length - 1].id);
    if (first > last) {
      throw new ChurnError('usage.invalid', {
        expected: '--from before --to',
        came: `${STEPS[first].id} after ${STEPS[last].id}`,
      });
    }
    return runAndShow(context, STEPS.slice(first, last + 1));
  },
};

function indexOfStep(id: string): number {
  const index = STEPS.findIndex((step) => step.id === id);
  if (index < 0) {
    throw new ChurnError('usage.invalid', {
      expected: `a step: ${STEPS.map((step) => step.id).join(', ')}`,
      came: `"${id}"`,
    });
  }
  return index;
}

async function runAndShow({ output, options, project }: CliContext, steps: readonly Step[]): Promise<number> {
  const reports = await runSteps(await project(), steps, {
    at: dayOption(options, 'at'),
    onStep: (step, done) => (done ? output.done() : output.progress(`${step.id}: ${step.title} ...`)),
  });
  output.report(reports, () => showSteps(output, reports));
  return EXIT.fine;
}

export function showSteps(output: Output, reports: readonly StepReport[]): void {
  output.table(
    ['step', 'seconds', 'rows', 'file'],
    reports.map((report) => [
      report.step,
      report.seconds.toFixed(2),
      rowsText(report),
      report.writes.map((file) => file.path).join(', '),
    ]),
    ['left', 'right', 'right'],
  );
  const warnings = reports.flatMap((report) => (report.result.problems as Problem[] | undefined) ?? []);
  for (const warning of warnings) {
    output.line(output.tone('warn', `warning:${problemLine(warning)}`));
  }
}

function rowsText(report: StepReport): string {
  const rows = report.writes[0]?.rows;
  return rows === undefined ? '' : count(rows);
}
