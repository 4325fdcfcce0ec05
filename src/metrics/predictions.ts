import { Counter, type Registry } from 'prom-client';
import type { Encoding } from '../model/encode.js';
import { addToTally, readCounter, readHistogram, type Sample, type Tally } from './series.js';

export interface PredictionMetrics {
  /** Where nulls and unseen categories of a model's features are added up. Versions with the same features share. */
  valueCounts(encoding: Encoding): ValueCounts;
  scored(probability: number): void;
}

interface ValueCounts {
  nulls: Float64Array;
  unseen: Float64Array;
}

/** Upper bounds of predicted probabilities, denser where churn risks lie. */
export const SCORE_BUCKETS = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** What was predicted, and from which values. Kept in typed arrays: counting a row costs nanoseconds. */
export function predictionMetrics(registry: Registry, served: () => Encoding | null): PredictionMetrics {
  const registers = [registry];
  const scores: Tally = { labels: {}, buckets: new Float64Array(SCORE_BUCKETS.length + 1), sum: 0 };
  let [count, told] = [0, 0];
  new Counter({
    name: 'churn_api_predictions_total',
    help: 'Rows scored',
    registers,
    collect() {
      this.inc(count - told);
      told = count;
    },
  });
  readHistogram(
    registry,
    { name: 'churn_prediction_score', help: 'Predicted probabilities of churn' },
    SCORE_BUCKETS,
    () => [scores],
  );
  const values = valueTotals();
  registerValues(registry, (of) => {
    const encoding = served();
    if (encoding !== null) {
      values.countsOf(encoding);
    }
    return values.samples(of);
  });

  return {
    valueCounts: values.countsOf,
    scored: (probability) => {
      count++;
      addToTally(scores, SCORE_BUCKETS, probability);
    },
  };
}

interface Totals {
  nulls: number;
  /** Null: a number, which cannot be unseen. */
  unseen: number | null;
}

/** Totals by feature name, over all versions; the version in use counts into arrays of its own. */
function valueTotals() {
  const totals = new Map<string, Totals>();
  let live: { encoding: Encoding; counts: ValueCounts } | null = null;

  /** Moves what was counted into the totals; known features are there with 0. */
  function settle(): void {
    live?.encoding.features.forEach(({ name, type }, i) => {
      const { nulls, unseen } = totals.get(name) ?? { nulls: 0, unseen: null };
      const { counts } = live as { counts: ValueCounts };
      totals.set(name, {
        nulls: nulls + counts.nulls[i],
        unseen: type === 'category' ? (unseen ?? 0) + counts.unseen[i] : unseen,
      });
      counts.nulls[i] = 0;
      counts.unseen[i] = 0;
    });
  }

  return {
    countsOf: (encoding: Encoding): ValueCounts => {
      if (live?.encoding !== encoding) {
        settle();
        const { length } = encoding.features;
        live = { encoding, counts: { nulls: new Float64Array(length), unseen: new Float64Array(length) } };
      }
      return live.counts;
    },
    samples: (of: keyof Totals): Sample[] => {
      settle();
      return [...totals].flatMap(([feature, total]) => {
        const value = total[of];
        return value === null ? [] : [{ labels: { feature }, value }];
      });
    },
  };
}

function registerValues(registry: Registry, read: (of: keyof Totals) => Sample[]): void {
  const labels = ['feature'];
  readCounter(
    registry,
    { name: 'churn_feature_nulls_total', help: 'Scored values that were missing, by feature', labels },
    () => read('nulls'),
  );
  readCounter(
    registry,
    {
      name: 'churn_feature_unseen_total',
      help: 'Scored categories that the model has never seen, by feature',
      labels,
    },
    () => read('unseen'),
  );
}
