import { hash32 } from '../random.js';

/**
 * What turns a margin (log-odds) into a probability: 1 / (1 + exp(-(slope x margin + intercept))). Slope and intercept
 * are float32 values, so that every reader of a model computes with the same numbers.
 */
export interface Calibration {
  method: 'none' | 'platt';
  slope: number;
  intercept: number;
  /** Why this method, in a sentence. */
  reason: string;
}

export function uncalibrated(reason: string): Calibration {
  return { method: 'none', slope: 1, intercept: 0, reason };
}

/** Probability of a margin in float64: small ones keep their size where float32 arithmetic gives 0. */
export function probabilityOf(margin: number, calibration: Pick<Calibration, 'slope' | 'intercept'>): number {
  return 1 / (1 + Math.exp(-(calibration.slope * margin + calibration.intercept)));
}

/** Probabilities of many margins. */
export function probabilitiesOf(margins: Float32Array, calibration: Calibration): Float32Array {
  return margins.map((margin) => probabilityOf(margin, calibration));
}

const FOLDS = 5;

/**
 * Platt's scaling of validation margins, used only when it lowers the log loss on rows it was not fitted to.
 *
 * Five folds are cut by group (a user's rows stay together; without groups every row is its own), slope and intercept are
 * fitted on four and judged on the fifth. Kept unscaled when that does not pay, when there is one class only, and when the
 * fitted slope is not positive (it would turn the order round).
 * @param groups one id per row, usually the user's
 */
export function calibrate(
  margins: Float32Array,
  labels: ArrayLike<number>,
  groups?: ArrayLike<string | number>,
): Calibration {
  const folds = foldsOf(margins.length, groups);
  const whole = fitPlatt(margins, labels, () => true);
  if (typeof whole === 'string') {
    return uncalibrated(whole);
  }
  let scaledLoss = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const fitted = fitPlatt(margins, labels, (row) => folds[row] !== fold);
    if (typeof fitted === 'string') {
      return uncalibrated(`fold ${fold + 1} of ${FOLDS}: ${fitted}`);
    }
    scaledLoss += totalLoss(margins, labels, fitted, (row) => folds[row] === fold);
  }
  const plainLoss = totalLoss(margins, labels, { slope: 1, intercept: 0 }, () => true);
  const rows = margins.length;
  const change = `cross-validated log loss ${(scaledLoss / rows).toFixed(6)} against ${(plainLoss / rows).toFixed(6)}`;
  if (!(scaledLoss < plainLoss)) {
    return uncalibrated(`scaling does not help: ${change}`);
  }
  return {
    method: 'platt',
    slope: Math.fround(whole.slope),
    intercept: Math.fround(whole.intercept),
    reason: `scaling helps: ${change}`,
  };
}

interface Line {
  slope: number;
  intercept: number;
}

type Chosen = (row: number) => boolean;

/** Folds by the hash of the group's id: the same user always falls into the same one, whatever the order of rows. */
function foldsOf(rows: number, groups?: ArrayLike<string | number>): Uint8Array {
  const folds = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    folds[row] = hash32(String(groups === undefined ? row : groups[row])) % FOLDS;
  }
  return folds;
}

const STEPS = 100;
const SEPARATED = 'the margins separate the classes without error';

/** Beyond these the classes are separated by the margin, and the likelihood has no maximum. */
const STEEPEST = 100;

/**
 * Maximum likelihood of slope and intercept by Newton's method with halved steps; a text says why there is none.
 * Labels are taken as they are, without Platt's smoothing: it would bias the probabilities of thousands of rows.
 */
function fitPlatt(margins: Float32Array, labels: ArrayLike<number>, chosen: Chosen): Line | string {
  if (!hasBothClasses(labels, chosen)) {
    return 'the rows are of one class only';
  }
  let line: Line = { slope: 1, intercept: 0 };
  let loss = totalLoss(margins, labels, line, chosen);
  for (let step = 0; step < STEPS; step++) {
    const move = newtonStep(margins, labels, line, chosen);
    if (move === null) {
      return step === 0 ? 'all margins are equal' : SEPARATED;
    }
    let length = 1;
    let next = moved(line, move, length);
    let nextLoss = totalLoss(margins, labels, next, chosen);
    while (!(nextLoss <= loss) && length > 1e-6) {
      length /= 2;
      next = moved(line, move, length);
      nextLoss = totalLoss(margins, labels, next, chosen);
    }
    const settled = Math.abs(next.slope - line.slope) + Math.abs(next.intercept - line.intercept) < 1e-10;
    if (!(nextLoss < loss)) {
      break;
    }
    line = next;
    loss = nextLoss;
    if (settled) {
      break;
    }
    if (Math.abs(line.slope) > STEEPEST) {
      return SEPARATED;
    }
  }
  return line.slope > 0 ? line : `the fitted slope is not positive (${line.slope.toPrecision(3)})`;
}

function moved(line: Line, move: Line, length: number): Line {
  return { slope: line.slope + length * move.slope, intercept: line.intercept + length * move.intercept };
}

/** Gradient divided by the Hessian; null when the Hessian is singular. */
function newtonStep(
  margins: Float32Array,
  labels: ArrayLike<number>,
  line: Line,
  chosen: Chosen,
): Line | null {
  let gradientSlope = 0;
  let gradientIntercept = 0;
  let slopeSlope = 0;
  let slopeIntercept = 0;
  let interceptIntercept = 0;
  for (let row = 0; row < margins.length; row++) {
    if (chosen(row)) {
      const margin = margins[row];
      const probability = probabilityOf(margin, line);
      const residual = labels[row] - probability;
      const weight = probability * (1 - probability);
      gradientSlope += residual * margin;
      gradientIntercept += residual;
      slopeSlope += weight * margin * margin;
      slopeIntercept += weight * margin;
      interceptIntercept += weight;
    }
  }
  const determinant = slopeSlope * interceptIntercept - slopeIntercept * slopeIntercept;
  if (!(determinant > 1e-12 * slopeSlope * interceptIntercept)) {
    return null;
  }
  return {
    slope: (interceptIntercept * gradientSlope - slopeIntercept * gradientIntercept) / determinant,
    intercept: (slopeSlope * gradientIntercept - slopeIntercept * gradientSlope) / determinant,
  };
}

function hasBothClasses(labels: ArrayLike<number>, chosen: Chosen): boolean {
  let zeros = 0;
  let ones = 0;
  for (let row = 0; row < labels.length; row++) {
    if (chosen(row)) {
      ones += labels[row];
      zeros += 1 - labels[row];
    }
  }
  return zeros > 0 && ones > 0;
}

function totalLoss(margins: Float32Array, labels: ArrayLike<number>, line: Line, chosen: Chosen): number {
  let total = 0;
  for (let row = 0; row < margins.length; row++) {
    if (chosen(row)) {
      const margin = line.slope * margins[row] + line.intercept;
      const wrong = labels[row] === 1 ? -margin : margin;
      total += Math.max(wrong, 0) + Math.log1p(Math.exp(-Math.abs(wrong)));
    }
  }
  return total;
}
