import type { EvaluationOptions, SampleEvaluation } from '../../../src/monitor/performance/evaluate.js';
import { evaluateSample } from '../../../src/monitor/performance/evaluate.js';
import { countUsers } from '../../../src/monitor/performance/users.js';
import { random } from '../../../src/random.js';
import { sigmoid } from './scored-users.js';

/** A population of users with a lasting risk, one or several rows each. */
export interface Population {
  title: string;
  users: number;
  rowsPerUser: number;
  /** Mean log-odds of a row: sets the positive rate. */
  odds: number;
}

/** From about 50 users of the rarer class on. */
export const POPULATIONS: readonly Population[] = [
  { title: 'balanced', users: 110, rowsPerUser: 1, odds: 0 },
  { title: 'one in six positive', users: 330, rowsPerUser: 1, odds: -2.3 },
  { title: 'one in nine positive', users: 500, rowsPerUser: 1, odds: -2.9 },
  { title: 'ten rows a user', users: 80, rowsPerUser: 10, odds: -1 },
  { title: 'four rows a user', users: 150, rowsPerUser: 4, odds: -1.5 },
  { title: 'ten rows a user, many', users: 1_100, rowsPerUser: 10, odds: -1 },
];

/** A score from which on rows are flagged: the same for the sample and the truth. */
const OPTIONS: Omit<EvaluationOptions, 'seed'> = { flag: { threshold: 0.4 }, draws: 400 };

export const COVERED = [
  'roc_auc',
  'pr_auc',
  'log_loss',
  'brier',
  'precision',
  'recall',
  'f1',
  'lift',
] as const;

export interface Coverage {
  population: Population;
  /** Mean users with a positive row, with a negative row. */
  classes: [number, number];
  samples: number;
  /** Share of samples whose interval held the truth. */
  held: Record<(typeof COVERED)[number], number>;
}

/** Draws samples from a population and counts how often the stated 95 % intervals hold the truth of a million rows. */
export function coverageOf(population: Population, samples: number): Coverage {
  const rows = 1_000_000;
  const truth = measuresOf(
    evaluateSample(draw({ ...population, users: rows / population.rowsPerUser }, 'truth'), {
      ...OPTIONS,
      draws: 2,
      seed: 0,
    }),
  );
  const held = Object.fromEntries(COVERED.map((id) => [id, 0])) as Coverage['held'];
  const classes: [number, number] = [0, 0];
  for (let i = 0; i < samples; i++) {
    const sample = draw(population, `sample ${i}`);
    const { positive, negative } = countUsers(sample).usersOfClass;
    classes[0] += positive / samples;
    classes[1] += negative / samples;
    const found = measuresOf(evaluateSample(sample, { ...OPTIONS, seed: i }));
    for (const id of COVERED) {
      const [low, high] = found[id].interval ?? [Number.NaN, Number.NaN];
      const value = truth[id].value as number;
      held[id] += low <= value && value <= high ? 1 / samples : 0;
    }
  }
  return { population, classes, samples, held };
}

function measuresOf({ measures, flagged }: SampleEvaluation) {
  return { ...measures, ...flagged.measures } as Record<
    (typeof COVERED)[number],
    SampleEvaluation['measures']['brier']
  >;
}

function draw({ users, rowsPerUser, odds }: Population, seed: string) {
  const chance = random(seed);
  const rows = users * rowsPerUser;
  const labels = new Uint8Array(rows);
  const scores = new Float64Array(rows);
  const units = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    units[row] = Math.floor(row / rowsPerUser);
  }
  for (let user = 0, row = 0; user < users; user++) {
    const risk = odds + 1.5 * chance.normal();
    for (let i = 0; i < rowsPerUser; i++, row++) {
      labels[row] = chance.uniform() < sigmoid(risk + 0.5 * chance.normal()) ? 1 : 0;
      scores[row] = sigmoid(risk + 0.3 * chance.normal());
    }
  }
  return { labels, scores, units };
}
