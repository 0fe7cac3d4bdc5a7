/** Who may read `/metrics`, and where: on a port of its own, with a token, or from this machine alone. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Configuration, isLoopback } from '../server/configuration.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { isLocal } from './local.ts';

export interface MetricsRouteOptions {
  readonly metrics: Metrics;
  readonly configuration: Pick<Configuration, 'host' | 'network' | 'roles'>;
}

type Served = 'to all' | 'to this machine' | 'elsewhere' | 'nowhere';

/** On the port of everything else. */
export function addMetrics(app: FastifyInstance, { metrics, configuration }: MetricsRouteOptions): void {
  const { host, network } = configuration;
  const served = whereServed(configuration);
  route(app, metrics, network.metricsToken, (request) => {
    if (served === 'elsewhere') return 'metrics are on a port of their own: METRICS_PORT';
    if (served === 'nowhere' || (served === 'to this machine' && !isLocal(request.raw, host))) {
      return 'metrics are not served here: set METRICS_TOKEN, or METRICS_PORT for a port of their own';
    }
    return undefined;
  });
}

/** On the port of their own. */
export function addMetricsAlone(app: FastifyInstance, { metrics, configuration }: MetricsRouteOptions): void {
  route(app, metrics, configuration.network.metricsToken, () => undefined);
}

function whereServed({ host, network, roles }: MetricsRouteOptions['configuration']): Served {
  if (network.metricsPort !== undefined) return 'elsewhere';
  // Without the gateway's role nothing but probes is on the port, and it is nobody's way in.
  if (network.metricsToken !== undefined || !roles.has('gateway')) return 'to all';
  return isLoopback(host) ? 'to this machine' : 'nowhere';
}

function route(
  app: FastifyInstance,
  metrics: Metrics,
  token: string | undefined,
  refusalOf: (request: FastifyRequest) => string | undefined,
): void {
  app.get('/metrics', async (request, reply) => {
    const refusal = refusalOf(request);
    void reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8');
    if (refusal !== undefined) return reply.code(404).send(`${refusal}\n`);
    if (token !== undefined && !isToken(request.headers.authorization, token)) {
      return reply.code(401).header('www-authenticate', 'Bearer').send('metrics need the bearer token METRICS_TOKEN\n');
    }
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

/** Compares hashes, in a time that tells neither the token nor its length. */
function isToken(authorization: string | undefined, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return timingSafeEqual(hashOf(given), hashOf(token));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
