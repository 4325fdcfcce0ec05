import { type EvaluationOptions, evaluateSample, type SampleEvaluation } from './evaluate.js';
import type { Scores } from './measure.js';
import type { MeasureId, MeasureValue } from './report.js';
import type { LabelledRows } from './users.js';

/** One part of the judged rows. */
export interface TreatedPart {
  rows: number;
  positives: number;
  positive_rate: number | null;
  measures: Record<MeasureId, MeasureValue>;
}

/**
 * Measures by who was treated. An offer that works keeps users who would have left, so on treated rows a good model looks
 * wrong; what the model is worth shows on those drawn at random to get none.
 */
export interface TreatmentReport {
  /** Rows of which it is not known whether they were treated; they are in neither of the next two parts. */
  unknown: number;
  treated: TreatedPart;
  /** Not treated for whatever reason: chosen by somebody, so not comparable with the treated. */
  untreated: TreatedPart;
  /** Not treated because drawn at random; null where nothing tells who was drawn. */
  hold_out: TreatedPart | null;
  /** Everybody who was not drawn, treated or not: beside the hold-out they tell what treating does. Null as above. */
  rest: TreatedPart | null;
  warning: string | null;
}

export interface TreatmentFlags {
  /** 1 treated, 0 not, NaN unknown. */
  treated: ArrayLike<number>;
  /** 1 in the random hold-out, 0 not, NaN unknown. */
  heldOut: ArrayLike<number>;
}

/**
 * A user of the hold-out counts as not treated unless told otherwise. Null when of no row is known whether it was treated,
 * and nobody was drawn.
 */
export function treatmentReport(
  sample: LabelledRows & { scores: Scores },
  { treated: told, heldOut }: TreatmentFlags,
  options: EvaluationOptions,
): TreatmentReport | null {
  const treated = Float64Array.from(told, (flag, row) =>
    Number.isNaN(flag) && heldOut[row] === 1 ? 0 : flag,
  );
  const known = treated.filter((flag) => !Number.isNaN(flag)).length;
  if (known === 0) {
    return null;
  }
  const part = (inside: (row: number) => boolean) => partOf(sample, inside, options);
  const drawn = Array.from(heldOut).some((flag) => flag === 1);
  const report = {
    unknown: sample.labels.length - known,
    treated: part((row) => treated[row] === 1),
    untreated: part((row) => treated[row] === 0),
    hold_out: drawn ? part((row) => heldOut[row] === 1 && treated[row] === 0) : null,
    rest: drawn ? part((row) => heldOut[row] === 0) : null,
  };
  const spoilt = treated.filter((flag, row) => flag === 1 && heldOut[row] === 1).length;
  return { ...report, warning: warningOf(report, spoilt) };
}

function warningOf(
  { treated, untreated, hold_out }: Omit<TreatmentReport, 'warning'>,
  spoilt: number,
): string | null {
  if (spoilt > 0) {
    return `${spoilt} of the random hold-out were treated: they are left out of it, and the others may be no random choice any more`;
  }
  if (untreated.rows === 0) {
    return 'only treated rows are left: they tell how model and offer do together, not how good the model is';
  }
  if (hold_out === null && treated.rows > 0) {
    return 'no random hold-out: those not treated were chosen, so they do not tell what would have become of the treated';
  }
  return null;
}

function partOf(
  { labels, scores, units }: LabelledRows & { scores: Scores },
  inside: (row: number) => boolean,
  options: EvaluationOptions,
): TreatedPart {
  const of = <T extends Uint8Array | Int32Array | Scores>(values: T): T =>
    values.filter((_: number, row: number) => inside(row)) as T;
  const evaluation: SampleEvaluation = evaluateSample(
    { labels: of(labels), scores: of(scores), units: of(units) },
    options,
  );
  const { rows, positives, positiveRate, measures } = evaluation;
  return { rows, positives, positive_rate: positiveRate, measures };
}
