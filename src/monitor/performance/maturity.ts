/** Share of outcomes that are known so many days after the prediction. */
export interface MaturityPoint {
  day: number;
  known: number;
  /** Predictions that were watched for so long. */
  watched: number;
}

/** Most points of a curve. */
const POINTS = 30;

/**
 * The maturity curve: how soon outcomes become known, from predictions of any age. `delays` holds the days from prediction
 * to arrival, NaN while unknown; `ages` the days for which each prediction has been watched. Younger predictions count for
 * as long as they were watched (Kaplan and Meier 1958: 1 minus the survival of "not known yet"). At most 30 points, evenly
 * spaced up to `horizon`; none where nobody was watched for so long.
 */
export function maturityCurve(delays: Float64Array, ages: Float64Array, horizon: number): MaturityPoint[] {
  const days = Math.max(1, Math.ceil(horizon));
  const arrived = new Float64Array(days + 1);
  const left = new Float64Array(days + 2);
  for (let i = 0; i < delays.length; i++) {
    const known = delays[i] <= ages[i];
    const end = Math.max(0, Math.floor(known ? delays[i] : ages[i]));
    if (known && end <= days) {
      arrived[end]++;
    }
    left[Math.min(end, days + 1)]++;
  }
  const curve: MaturityPoint[] = [];
  let [watched, unknown] = [delays.length, 1];
  for (let day = 0; day <= days && watched > 0; day++) {
    unknown *= 1 - arrived[day] / watched;
    curve.push({ day, known: 1 - unknown, watched });
    watched -= left[day];
  }
  const step = Math.ceil(curve.length / POINTS);
  return curve.filter(({ day }, i) => day % step === 0 || i === curve.length - 1);
}
