import { join } from 'node:path';
import { configTemplate } from '../../config/template.js';
import { ChurnError } from '../../error.js';
import { writeText } from '../../files.js';
import { compareVersions } from '../../jobs/compare.js';
import { decideRetrain } from '../../jobs/decide.js';
import { checkDrift } from '../../jobs/drift.js';
import { evaluatePredictions } from '../../jobs/evaluate.js';
import { generate } from '../../jobs/generate.js';
import { promote } from '../../jobs/promote.js';
import { retrain } from '../../jobs/retrain.js';
import { refreshData } from '../../jobs/run-steps.js';
import { scoreDay } from '../../jobs/score.js';
import { trainVersion } from '../../jobs/train.js';
import type { DriftStatus } from '../../monitor/drift/report.js';
import { openProject, type Project } from '../../open.js';
import { addDays } from '../../time.js';
import { showComparison } from '../commands/compare.js';
import { showDecision, showRetrain } from '../commands/decide.js';
import { showPromotion } from '../commands/promote.js';
import { showSteps } from '../commands/steps.js';
import { showManifest } from '../commands/train.js';
import { showDrift } from '../drift-view.js';
import { showEvaluation } from '../evaluation-text.js';
import { count, digits, type Output } from '../output.js';
import { tellFiles } from './places.js';

/** The year of the demo. Every day lies in data time: nothing waits for a clock. */
const YEAR = {
  start: '2025-01-01',
  days: 365,
  users: 2000,
  seed: 42,
  trained: '2025-08-31',
  scored: '2025-09-01',
  quiet: '2025-10-15',
  broken: '2025-12-01',
  noticed: '2025-12-15',
} as const;

export interface DemoSettings {
  output: Output;
  folder: string;
  /** How the folder is called in what is printed. */
  shown: string;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

export interface DemoAccount {
  folder: string;
  seconds: number;
  steps: { title: string; seconds: number; result: unknown }[];
}

/** Plays the whole loop once and tells it step by step. Errors when a step ends otherwise than the story says. */
export class Demo {
  readonly #settings: DemoSettings;
  readonly #account: DemoAccount;

  constructor(settings: DemoSettings) {
    this.#settings = settings;
    this.#account = { folder: settings.folder, seconds: 0, steps: [] };
  }

  async play(): Promise<DemoAccount> {
    const started = performance.now();
    const { output, folder, environment, signal } = this.#settings;
    await writeText(join(folder, 'churn.yaml'), configTemplate('default'));
    const { loadConfig } = await import('../../config/load.js');
    const project = await openProject(await loadConfig({ folder, environment }), { signal });
    try {
      await this.#chapters(project);
    } finally {
      await project.close();
    }
    this.#account.seconds = (performance.now() - started) / 1000;
    tellFiles(project, YEAR.scored, this.#settings);
    output.line(
      `${output.tone('strong', `The whole loop took ${this.#account.seconds.toFixed(0)} s.`)} Go on yourself: cd ${this.#settings.shown}, then`,
    );
    output.line('  npx churn-mlops history            everything that happened, with reasons');
    output.line('  npx churn-mlops models             the versions');
    output.line(`  npx churn-mlops drift --at ${addDays(YEAR.noticed, 10)}`);
    return this.#account;
  }

  async #chapters(project: Project): Promise<void> {
    await this.#makeData(project);
    await this.#firstModels(project);
    await this.#useAndJudge(project);
    await this.#watch(project);
    await this.#retrainAndCompare(project);
  }

  async #makeData(project: Project): Promise<void> {
    const { output } = this.#settings;
    const drift = [{ kind: 'shift' as const, date: YEAR.broken }];
    await this.#step(
      `Generate a year of events; from ${YEAR.broken} on, people do half as much`,
      async () => {
        const { start, days, users, seed } = YEAR;
        const made = await generate(project, { start, days, users, seed, preset: 'default', drift });
        output.line(`${count(made.users.rows)} users, ${count(made.events.rows)} events`);
        return made;
      },
    );
    await this.#step(`Build features and labels, as known on ${YEAR.trained}`, async () => {
      const reports = await refreshData(project, {
        at: YEAR.trained,
        onStep: (step, done) => (done ? output.done() : output.progress(`${step.title} ...`)),
      });
      showSteps(output, reports);
      return reports;
    });
  }

  async #firstModels(project: Project): Promise<void> {
    await this.#step('Train a linear baseline and make it the first champion', () =>
      this.#trainAndPromote(project, 'linear'),
    );
    await this.#step(
      'Train a candidate with XGBoost; it is promoted only if better beyond noise on the same rows',
      () => this.#trainAndPromote(project, 'xgboost'),
    );
  }

  async #trainAndPromote(project: Project, trainer: 'linear' | 'xgboost') {
    const { output } = this.#settings;
    const manifest = await trainVersion(project, { at: YEAR.trained, trainer, onRound: this.#onRound });
    showManifest(output, manifest);
    output.line();
    const result = await promote(project, { version: manifest.version, force: false, at: YEAR.trained });
    showPromotion(output, result);
    return { manifest, result };
  }

  async #useAndJudge(project: Project): Promise<void> {
    const { output } = this.#settings;
    await this.#step(`Score every user on ${YEAR.scored}`, async () => {
      const scored = await scoreDay(project, { date: YEAR.scored, at: null, version: 'champion' });
      output.line(`${count(scored.rows)} users, mean risk ${digits(scored.mean_risk)}`);
      return scored;
    });
    await this.#step(
      'Ask too early how good these predictions were: no answer, and when there will be one',
      async () => {
        const report = await evaluatePredictions(project, {
          at: addDays(YEAR.scored, 10),
          date: YEAR.scored,
        });
        output.line(`state ${report.state}, matures on ${report.matures_on}`);
        return report;
      },
    );
    await this.#step('Wait out the horizon (in data time) and evaluate', async () => {
      const report = await evaluatePredictions(project, { at: addDays(YEAR.scored, 30), date: null });
      showEvaluation(output, report);
      return report;
    });
  }

  async #watch(project: Project): Promise<void> {
    await this.#step(`Check drift in a quiet month: ${YEAR.quiet}`, () =>
      this.#driftMustBe(project, YEAR.quiet, 'OK'),
    );
    await this.#step(
      `Check drift two weeks after the change: ${YEAR.noticed} (the command exits with 2)`,
      () => this.#driftMustBe(project, YEAR.noticed, 'FAIL'),
    );
    await this.#step('Decide', async () => {
      const decision = await decideRetrain(project, { at: YEAR.noticed });
      showDecision(this.#settings.output, decision);
      return decision;
    });
  }

  async #retrainAndCompare(project: Project): Promise<void> {
    const { output } = this.#settings;
    const before = await project.history.alias('champion');
    await this.#step('Retrain on everything that has matured, and promote or keep', async () => {
      const result = await retrain(project, {
        at: YEAR.noticed,
        ifNeeded: true,
        refresh: false,
        onPhase: (phase) => output.progress(`${phase} ...`),
        onRound: this.#onRound,
      });
      showRetrain(output, result);
      return result;
    });
    await this.#step('Compare the champion of before with the retrained version', async () => {
      const [newest] = await project.registry.list();
      const report = await compareVersions(project, {
        champion: before ?? 'champion',
        challenger: newest.version,
        at: YEAR.noticed,
      });
      showComparison(output, report);
      output.line(
        output.tone(
          'dim',
          'The last two weeks have no labels yet: no model can have learnt from them. Retrain again in a month.',
        ),
      );
      return report;
    });
  }

  async #driftMustBe(project: Project, at: string, expected: DriftStatus) {
    const { output } = this.#settings;
    const report = await checkDrift(project, { at, refresh: false });
    showDrift(output, report);
    if (report.status !== expected) {
      throw new ChurnError('data.invalid', {
        expected: `drift ${expected} on ${at}`,
        came: report.status,
        fix: 'this is a bug of the demo; please report it',
      });
    }
    return report;
  }

  #onRound = ({ round, rounds }: { round: number; rounds: number }) => {
    this.#settings.output.progress(`training: round ${round} of at most ${rounds}`);
  };

  async #step(title: string, work: () => Promise<unknown>): Promise<void> {
    const { output } = this.#settings;
    const number = this.#account.steps.length + 1;
    output.line(output.tone('strong', `${number}. ${title}`));
    output.progress('working ...');
    const started = performance.now();
    const result = await work();
    const seconds = (performance.now() - started) / 1000;
    this.#account.steps.push({ title, seconds, result });
    output.line(output.tone('dim', `${seconds.toFixed(1)} s`));
    output.line();
  }
}
