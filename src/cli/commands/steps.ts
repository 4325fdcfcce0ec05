import type { Problem } from '../../data/checks/check.js';
import type { Rebuild } from '../../data/refresh/plan.js';
import { STEPS } from '../../data/steps/index.js';
import type { Step } from '../../data/steps/step.js';
import { problemLine, validate } from '../../data/steps/validate.js';
import { ChurnError } from '../../error.js';
import { runSteps, type StepReport } from '../../jobs/run-steps.js';
import { daysBetween } from '../../time.js';
import { AT_OPTION, type CliCommand, type CliContext, EXIT, type OptionValues } from '../command.js';
import { count, counted, type Output } from '../output.js';
import { showValidation } from '../validation-view.js';
import { dayOption, textOption, windowOption } from '../values.js';

const FORCE_OPTION = {
  flags: '--force',
  description: 'make everything anew, also what nothing has changed for',
};

/** Without these, only what new or changed inputs and settings concern is made anew. */
const REBUILD_OPTIONS = [
  FORCE_OPTION,
  {
    flags: '--days <from..to>',
    description: 'make these days anew although nothing has changed, and what follows from them',
  },
];

/** One command per step of the pipeline. */
export const stepCommands: CliCommand[] = STEPS.map((step) => ({
  name: step.id,
  summary: `pipeline: ${step.title}`,
  options:
    step === validate
      ? [FORCE_OPTION]
      : [...REBUILD_OPTIONS, ...(step.id === 'training-set' ? [AT_OPTION] : [])],
  examples: [`churn-mlops ${step.id}`, `churn-mlops ${step.id} --json`],
  run: step === validate ? showValidation : (context) => runAndShow(context, [step]),
}));

export const runCommand: CliCommand = {
  name: 'run',
  summary: 'run the pipeline from the sources to the training set',
  options: [
    { flags: '--from <step>', description: 'first step', default: STEPS[0].id },
    { flags: '--to <step>', description: 'last step', default: STEPS[STEPS.length - 1].id },
    ...REBUILD_OPTIONS,
    AT_OPTION,
  ],
  examples: [
    'churn-mlops run',
    'churn-mlops run --from features',
    'churn-mlops run --days 2025-08-01..2025-08-14',
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
  const rebuild = rebuildOption(options);
  const reports = await runSteps(await project(), steps, {
    at: dayOption(options, 'at'),
    rebuild,
    onStep: (step, done) => (done ? output.done() : output.progress(`${step.id}: ${step.title} ...`)),
  });
  output.report(reports, () => showSteps(output, reports));
  return EXIT.fine;
}

/** @throws usage.invalid */
function rebuildOption(options: OptionValues): Rebuild | undefined {
  return options.force === true ? 'all' : (windowOption(options, 'days') ?? undefined);
}

export function showSteps(output: Output, reports: readonly StepReport[]): void {
  output.table(
    ['step', 'made', 'seconds', 'rows', 'file', 'why'],
    reports.map((report) => [
      report.step,
      madeText(report),
      report.seconds.toFixed(2),
      rowsText(report),
      report.writes.map((file) => file.path).join(', '),
      report.refreshed.why,
    ]),
    ['left', 'left', 'right', 'right'],
  );
  const warnings = reports.flatMap((report) => (report.result.problems as Problem[] | undefined) ?? []);
  for (const warning of warnings) {
    output.line(output.tone('warn', `warning:${problemLine(warning)}`));
  }
}

function madeText({ refreshed: { done, days = [], new_users } }: StepReport): string {
  if (done !== 'days') {
    return done;
  }
  const number = days.reduce((sum, { from, to }) => sum + daysBetween(from, to) + 1, 0);
  return [counted(number, 'day'), ...(new_users ? ['new users'] : [])].join(', ');
}

function rowsText(report: StepReport): string {
  const rows = report.writes[0]?.rows;
  return rows === undefined ? '' : count(rows);
}
