/** What `/metrics` tells, for Prometheus: the process as prom-client knows it, and what `metric-table.ts` lists. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type CounterName, type GaugeName, type HistogramName, type LabelsOf, METRICS } from './metric-table.ts';

export interface GaugeValue<N extends GaugeName> {
  readonly labels: LabelsOf<N>;
  readonly value: number;
}

export interface Metrics {
  readonly registry: Registry;
  /** @param by default 1; 0 shows the counter before anything has been counted, so that a rate sees the first one */
  count<N extends CounterName>(name: N, labels: LabelsOf<N>, by?: number): void;
  /** @param value in the unit that the name tells */
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void;
  /** `read` is asked at each scrape; a gauge may have several readers, each for labels of its own. */
  gauge<N extends GaugeName>(name: N, read: () => readonly GaugeValue<N>[]): void;
}

type Readers = (() => readonly GaugeValue<GaugeName>[])[];

/** All metrics of the table, as far as this process has values of them. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const readers = new Map<string, Readers>();
  for (const [name, spec] of Object.entries(METRICS)) {
    const { kind, help } = spec;
    const labelNames = [...spec.labels];
    if (kind === 'counter') counters.set(name, new Counter({ name, help, labelNames, registers }));
    else if (kind === 'histogram') {
      histograms.set(name, new Histogram({ name, help, labelNames, buckets: [...spec.buckets], registers }));
    } else {
      const read: Readers = [];
      readers.set(name, read);
      new Gauge({
        ...{ name, help, labelNames, registers },
        collect() {
          this.reset();
          const values = read.flatMap((one) => one());
          // One without labels begins at 0, which would tell of something that this process does not have.
          if (values.length === 0) this.remove({});
          for (const { labels, value } of values) this.set(labels, value);
        },
      });
    }
  }
  return {
    registry,
    count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    gauge: (name, read) => void readers.get(name)?.push(read),
  };
}
