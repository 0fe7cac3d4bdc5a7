/** Counts GraphQL operations, over HTTP and WebSocket alike. */
import type { Metrics } from '../telemetry/metrics.ts';

interface Operation {
  readonly type: 'query' | 'mutation' | 'subscription' | 'invalid';
  readonly transport: 'http' | 'websocket';
  readonly outcome: 'ok' | 'error';
}

/** @param seconds until it was answered, or, of a subscription, until it ended */
export function countOperation(metrics: Metrics, { type, transport, outcome }: Operation, seconds: number): void {
  metrics.count('counterfoil_graphql_operations_total', { type, transport, outcome });
  metrics.observe('counterfoil_graphql_operation_duration_seconds', { type }, seconds);
}
