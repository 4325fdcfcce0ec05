import { Counter, Gauge, type Registry } from 'prom-client';

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export interface SeriesFacts {
  name: string;
  help: string;
  labels?: readonly string[];
  /** How the processes of one server are put together. Default: sum. */
  aggregator?: 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit';
}

/** A gauge whose samples are read when Prometheus asks. Samples that are gone leave no series behind. */
export function readGauge(
  registry: Registry,
  facts: SeriesFacts,
  read: () => readonly Sample[] | Promise<readonly Sample[]>,
): void {
  new Gauge({
    name: facts.name,
    help: facts.help,
    labelNames: [...(facts.labels ?? [])],
    aggregator: facts.aggregator ?? 'sum',
    registers: [registry],
    async collect() {
      const samples = await read();
      this.reset();
      if (samples.length === 0) {
        this.remove({});
      }
      for (const { labels, value } of samples) {
        this.set(labels, value);
      }
    },
  });
}

/** A counter whose totals are kept elsewhere and read when Prometheus asks. */
export function readCounter(
  registry: Registry,
  facts: SeriesFacts,
  read: () => readonly Sample[] | Promise<readonly Sample[]>,
): void {
  new Counter({
    name: facts.name,
    help: facts.help,
    labelNames: [...(facts.labels ?? [])],
    registers: [registry],
    async collect() {
      const samples = await read();
      this.reset();
      for (const { labels, value } of samples) {
        this.inc(labels, value);
      }
    },
  });
}

/** One sample without labels; none for null. */
export function single(value: number | null): Sample[] {
  return value === null ? [] : [{ labels: {}, value }];
}

/** Counts of a histogram that is kept in a typed array: values up to each bound, each value once. */
export interface Tally {
  labels: Record<string, string>;
  /** One more than there are bounds: the last one is for values beyond them. */
  buckets: Float64Array;
  sum: number;
}

/** A histogram over tallies of ours: prom-client's own hashes the labels at each observation. */
export function readHistogram(
  registry: Registry,
  { name, help, labels = [] }: SeriesFacts,
  bounds: readonly number[],
  read: () => readonly Tally[],
): void {
  const facts = { name, help, type: 'histogram', aggregator: 'sum' };
  const get = async () => ({
    ...facts,
    values: read().flatMap(({ labels, buckets, sum }) => {
      let below = 0;
      const cumulative = ([...bounds, '+Inf'] as const).map((le, i) => {
        below += buckets[i];
        return { metricName: `${name}_bucket`, labels: { le: String(le), ...labels }, value: below };
      });
      return [
        ...cumulative,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: below },
      ];
    }),
  });
  const metric = { ...facts, labelNames: labels, get, reset: () => undefined };
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}

/** Adds a value to a tally's bucket; the bounds are few, and most values lie in the first ones. */
export function addToTally(tally: Tally, bounds: readonly number[], value: number): void {
  let bucket = 0;
  while (bucket < bounds.length && value > bounds[bucket]) {
    bucket++;
  }
  tally.buckets[bucket]++;
  tally.sum += value;
}
