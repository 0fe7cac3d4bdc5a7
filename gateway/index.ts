/** The gateway's door to `main.ts`: the schema with its resolvers, served. */
import type { Services } from '../resolvers/context.ts';
import { resolvers } from '../resolvers/index.ts';
import { contextOf } from './gateway-context.ts';
import { executableSchema } from './schema.ts';
import { type HttpOptions, type HttpService, serve } from './server.ts';

export { contextOf } from './gateway-context.ts';
export { createMetrics, type GaugeOptions, type Metrics } from './metrics.ts';
export type { CheckHealth, PartReport, ReadinessReport } from './probes.ts';
export { executableSchema } from './schema.ts';
export { type HttpOptions, type HttpService, serveProbes } from './server.ts';

export interface GatewayOptions extends HttpOptions {
  readonly services: Services;
}

/** Serves API, page and probes until it is drained or closed. @throws {ConfigurationError} when it cannot listen there */
export function startGateway({ services, ...options }: GatewayOptions): Promise<HttpService> {
  return serve({ ...options, schema: executableSchema(resolvers), context: contextOf(services) });
}
