import type { LinearForm } from '../linear-form.js';
import { boost } from './boost.js';
import { checkedParameters } from './parameters.js';
import type { Dataset, Trainer } from './trainer.js';
import { linearFromJson } from './xgboost-json.js';

/** gblinear's parameters; the updater is fixed, because "shotgun" is not deterministic. */
const LINEAR_PARAMETERS = ['alpha', 'eta', 'lambda', 'learning_rate', 'reg_alpha', 'reg_lambda'] as const;

/** `lambda` counts per row on standardised columns: 0.001 tames collinear columns and hardly shrinks the others. */
const FIXED = { updater: 'coord_descent', feature_selector: 'cyclic' } as const;
const DEFAULTS = { lambda: 0.001, eta: 1 } as const;

/** Passes over the columns after which nothing moves any more, whatever the number of boosting rounds asked for. */
const MOST_PASSES = 60;

/** What a column is moved and divided by; scale 0: the column is constant or empty and is left out. */
interface Standard {
  centres: Float64Array;
  scales: Float64Array;
}

/**
 * Logistic regression, the baseline: coordinate descent (booster gblinear) on columns standardised over the fitted rows,
 * the scaling folded back into the weights afterwards. A missing value counts as the column's mean.
 */
export const linearTrainer: Trainer = {
  id: 'linear',
  title: 'Logistic regression (XGBoost gblinear)',
  async train(request) {
    const parameters = checkedParameters(
      withDefaults(request.parameters),
      [...LINEAR_PARAMETERS],
      this.title,
    );
    const standard = standardOf(request.fit);
    const result = await boost(
      {
        ...request,
        rounds: Math.min(request.rounds, MOST_PASSES),
        // Columns are updated one after the other: a second thread only waits (22 s instead of 12 s were measured).
        threads: 1,
        fit: standardised(request.fit, standard),
        validation: request.validation === null ? null : standardised(request.validation, standard),
        probe: standardised(request.probe, standard),
      },
      'gblinear',
      { ...parameters, ...FIXED },
    );
    return {
      form: { kind: 'linear', linear: foldBack(linearFromJson(result.json), standard) },
      rounds: result.rounds,
      curve: result.curve,
      probeMargins: result.probeMargins,
      validationMargins: result.validationMargins,
      library: { name: 'XGBoost', version: result.version },
    };
  },
};

/** The defaults, unless the same thing is set under either of its names. */
function withDefaults(given: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return {
    ...('reg_lambda' in given ? {} : { lambda: DEFAULTS.lambda }),
    ...('learning_rate' in given ? {} : { eta: DEFAULTS.eta }),
    ...given,
  };
}

/** Mean and standard deviation (population) of the values that are there, by Welford's update. */
function standardOf(set: Dataset): Standard {
  const width = set.columns.length;
  const counts = new Float64Array(width);
  const centres = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let at = 0; at < set.values.length; at++) {
    const value = set.values[at];
    if (Number.isFinite(value)) {
      const column = at % width;
      const before = value - centres[column];
      counts[column]++;
      centres[column] += before / counts[column];
      squares[column] += before * (value - centres[column]);
    }
  }
  return { centres, scales: squares.map((square, column) => Math.sqrt(square / (counts[column] || 1))) };
}

/** The rows in units of standard deviations; a missing value stays missing: gblinear then adds nothing for it. */
function standardised<T extends { rows: number; values: Float32Array }>(set: T, standard: Standard): T {
  const { centres, scales } = standard;
  const width = centres.length;
  const values = new Float32Array(set.values.length);
  for (let at = 0; at < values.length; at++) {
    const column = at % width;
    const scaled = (set.values[at] - centres[column]) / scales[column];
    // An infinity is passed on for the check that names its column.
    values[at] = scales[column] === 0 && Number.isFinite(set.values[at]) ? Number.NaN : scaled;
  }
  return { ...set, values };
}

function foldBack(fitted: LinearForm, { centres, scales }: Standard): LinearForm {
  return {
    bias: fitted.bias,
    weights: fitted.weights.map((weight, column) => (scales[column] === 0 ? 0 : weight / scales[column])),
    centres,
  };
}
