/** What lies between clients and the gateway: proxies, origins of other pages, a path before all paths, who may read metrics. */
import type { Read, Refuse } from './variables.ts';

export interface NetworkConfiguration {
  /** Whose X-Forwarded-* headers count: so many proxies before this server, or those at these addresses; 0: nobody's. */
  readonly trustedProxies: number | readonly string[];
  /** Origins whose pages may use the API beside the server's own: `https://shop.example`. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Before every path, as browsers see it: `/shop`; empty: nothing. */
  readonly basePath: string;
  /** A port of its own for `/metrics`, 0: any free one; undefined: it is served beside the rest. */
  readonly metricsPort: number | undefined;
  /** The bearer token that `/metrics` asks for; undefined: none. */
  readonly metricsToken: string | undefined;
}

/** What the gateway offers beside the operations of the schema, and which of them it takes. */
export interface OfferedConfiguration {
  readonly introspection: boolean;
  readonly graphiql: boolean;
  /** Files that list the only operations to be taken, `page` for those of the page; undefined: all are. */
  readonly operations: readonly string[] | undefined;
}

export function readNetwork(read: Read, refuse: Refuse): NetworkConfiguration {
  const port = read('PORT');
  const metricsPort = read('METRICS_PORT');
  if (metricsPort !== undefined && metricsPort !== 0 && metricsPort === (port ?? 4000)) {
    refuse('METRICS_PORT', 'it must be another port than PORT');
  }
  return {
    trustedProxies: read('TRUST_PROXY') ?? 0,
    allowedOrigins: new Set(read('ALLOWED_ORIGINS')),
    basePath: read('BASE_PATH') ?? '',
    metricsPort,
    metricsToken: read('METRICS_TOKEN'),
  };
}

export function readOffered(read: Read): OfferedConfiguration {
  return {
    introspection: read('INTROSPECTION') !== 'off',
    graphiql: read('GRAPHIQL') !== 'off',
    operations: read('PERSISTED_OPERATIONS'),
  };
}
