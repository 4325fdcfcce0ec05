import { decideRetrain } from '../../jobs/decide.js';
import { type RetrainResult, retrain } from '../../jobs/retrain.js';
import type { Decision } from '../../policy/decide.js';
import { AT_OPTION, type CliCommand, EXIT } from '../command.js';
import { digits, type Output } from '../output.js';
import { dayOption } from '../values.js';

export const decideCommand: CliCommand = {
  name: 'decide',
  summary: 'say whether a retrain is needed and why; does nothing about it (exit 2 when it is)',
  options: [AT_OPTION],
  examples: ['churn-mlops decide', 'churn-mlops decide --at 2025-10-31 --json'],
  run: async ({ output, options, project }) => {
    const decision = await decideRetrain(await project(), { at: dayOption(options, 'at') });
    output.report(decision, () => showDecision(output, decision));
    return decision.decision === 'retrain' ? EXIT.attention : EXIT.fine;
  },
};

export const retrainCommand: CliCommand = {
  name: 'retrain',
  summary: 'check, decide, train, compare with the champion, and promote or keep',
  options: [
    { flags: '--if-needed', description: 'only when the policy says so' },
    { flags: '--refresh', description: 'build the data from the sources first' },
    AT_OPTION,
  ],
  examples: ['churn-mlops retrain --if-needed', 'churn-mlops retrain --refresh --json'],
  run: async ({ output, options, project }) => {
    const result = await retrain(await project(), {
      at: dayOption(options, 'at'),
      ifNeeded: options.ifNeeded === true,
      refresh: options.refresh === true,
      onPhase: (phase) => output.progress(`${phase} ...`),
      onRound: ({ round, rounds }) => output.progress(`training: round ${round} of at most ${rounds}`),
    });
    output.report(result, () => showRetrain(output, result));
    return EXIT.fine;
  },
};

export function showRetrain(output: Output, result: RetrainResult): void {
  output.line(`${result.at}: ${result.decision} (${result.because})`);
  for (const { check, because } of result.not_checked) {
    output.line(output.tone('dim', `${check} was not checked: ${because}`));
  }
  for (const check of result.checks) {
    output.line(
      `${check.passed ? output.tone('good', 'passed') : output.tone('warn', 'failed')}  ${check.because}`,
    );
  }
  if (result.version !== null) {
    output.line(
      `${result.version} ${output.tone(result.verdict === 'promoted' ? 'good' : 'warn', result.verdict)}`,
    );
  }
}

const TONES = { quiet: 'dim', pending: 'warn', firing: 'bad', veto: 'strong' } as const;

export function showDecision(output: Output, decision: Decision): void {
  output.table(
    ['rule', 'says', 'value', 'threshold', 'since', 'because'],
    decision.findings.map(({ rule, says, value, threshold, since, because }) => [
      rule,
      output.tone(TONES[says], says),
      digits(value),
      digits(threshold),
      since ?? '-',
      because,
    ]),
    ['left', 'left', 'right', 'right'],
  );
  output.line(
    `${decision.at}: ${output.tone(decision.decision === 'retrain' ? 'bad' : 'good', decision.decision)}`,
  );
}
