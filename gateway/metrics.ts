/** What `/metrics` tells, for Prometheus: the process, the gateway's traffic, and what other parts add through `gauge`. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type OperationType = 'query' | 'mutation' | 'subscription' | 'invalid';
export type Transport = 'http' | 'websocket';

export interface GaugeOptions<L extends string> {
  /** With its unit, after `counterfoil_`: `partition_lag_records`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
  /** Asked at each scrape. */
  read(): readonly { readonly labels?: Readonly<Record<L, string>>; readonly value: number }[];
}

export interface Metrics {
  readonly registry: Registry;
  /** Adds a gauge that is read at each scrape. */
  gauge<L extends string>(options: GaugeOptions<L>): void;
  request(labels: { route: string; method: string; status: number }, seconds: number): void;
  operation(labels: { type: OperationType; transport: Transport; outcome: 'ok' | 'error' }, seconds: number): void;
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'counterfoil_http_request_duration_seconds',
    help: 'HTTP requests by route, method and status',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: BUCKETS,
    registers,
  });
  const operations = new Counter({
    name: 'counterfoil_graphql_operations_total',
    help: 'GraphQL operations by type, transport and whether the answer held errors',
    labelNames: ['type', 'transport', 'outcome'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'counterfoil_graphql_operation_duration_seconds',
    help: 'GraphQL queries and mutations until answered, subscriptions until ended',
    labelNames: ['type'] as const,
    buckets: BUCKETS,
    registers,
  });
  return {
    registry,
    gauge({ name, help, labels = [], read }) {
      new Gauge({
        name: `counterfoil_${name}`,
        help,
        labelNames: labels,
        registers,
        collect() {
          this.reset();
          for (const { labels: values, value } of read()) {
            if (values === undefined) this.set(value);
            else this.set(values, value);
          }
        },
      });
    },
    request({ route, method, status }, seconds) {
      requests.observe({ route, method, status: String(status) }, seconds);
    },
    operation(labels, seconds) {
      operations.inc(labels);
      durations.observe({ type: labels.type }, seconds);
    },
  };
}
