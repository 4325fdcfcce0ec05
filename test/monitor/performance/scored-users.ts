import { random } from '../../../src/random.js';

/** Users with a lasting risk, scored each day with some noise; about 30 % of rows are positive. */
export function scoredUsers({ users, days, seed }: { users: number; days: number; seed: string }) {
  const chance = random(seed);
  const rows = users * days;
  const labels = new Uint8Array(rows);
  const scores = new Float64Array(rows);
  const units = new Int32Array(rows);
  for (let row = 0, user = 0; user < users; user++) {
    const risk = chance.normal();
    for (let day = 0; day < days; day++, row++) {
      labels[row] = chance.uniform() < sigmoid(1.2 * risk - 1) ? 1 : 0;
      scores[row] = sigmoid(1.2 * risk - 1 + 0.5 * chance.normal());
      units[row] = user;
    }
  }
  return { labels, scores, units };
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
