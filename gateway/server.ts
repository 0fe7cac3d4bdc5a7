/** The HTTP server around the parts of the gateway: what is served where, and how it begins and ends. */
import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type GraphQLSchema, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { Logger } from 'pino';
import type { Configuration } from '../server/configuration.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { readAllowList } from './allow-list.ts';
import { withoutBase } from './base-path.ts';
import { createClientOf } from './client.ts';
import { Draining } from './draining.ts';
import { createFormatError, withoutSuggestions } from './format-error.ts';
import type { Asker, CreateContext } from './gateway-context.ts';
import { answerUnreadable, graphqlError } from './graphql-answer.ts';
import { addGraphql } from './graphql-http.ts';
import { addWebSocket } from './graphql-websocket.ts';
import { createAuthenticate } from './identity.ts';
import { limitRules } from './limits.ts';
import { type Listening, listenAt } from './listen.ts';
import type { LiveSockets } from './live-sockets.ts';
import { createLocalCheck } from './local.ts';
import { addMetrics, addMetricsAlone } from './metrics-route.ts';
import { createOriginCheck } from './origins.ts';
import { addPage } from './page.ts';
import { addProbes, type CheckHealth } from './probes.ts';
import { Rates } from './rates.ts';
import { addRequestGuard } from './request-guard.ts';
import type { SocketTimes } from './socket-guard.ts';
import { UnreadAnswers, type UnreadLimits } from './unread-answers.ts';
import { WorkBudget } from './work-budget.ts';

export interface HttpOptions {
  readonly configuration: Pick<
    Configuration,
    'roles' | 'host' | 'port' | 'identity' | 'limits' | 'network' | 'offered' | 'writing'
  >;
  readonly health: CheckHealth;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface ServeOptions<C extends Asker> extends HttpOptions {
  readonly schema: GraphQLSchema;
  readonly context: CreateContext<C>;
  /** What GraphQL waits for before it answers, in a line; undefined: nothing, it is open. Default: open. */
  awaited?(): string | undefined;
  /** Default: `SOCKET_TIMES`. */
  readonly socketTimes?: SocketTimes | undefined;
  /** Default: `REQUEST_TIMES`. */
  readonly requestTimes?: RequestTimes | undefined;
  /** Default: `UNREAD_LIMITS`. */
  readonly unreadLimits?: UnreadLimits | undefined;
}

export interface HttpService {
  /** Where it is reached from this machine: `http://127.0.0.1:4000`, with `BASE_PATH` behind it. */
  readonly url: string;
  readonly port: number;
  /** The port of `/metrics`, where it is one of its own. */
  readonly metricsPort: number | undefined;
  /**
   * Ends it so that nobody is left without an answer: refuses new mutations, answers what is running, tells subscribers to
   * come back (1012), and stops listening. At most `DRAIN_WITHIN_MS`; what is running then is cut off.
   */
  drain(): Promise<void>;
  /** Ends it at once. */
  close(): Promise<void>;
}

/** Longer than a query with `reflecting` may wait, shorter than the process gives itself to end. */
const DRAIN_WITHIN_MS = 10_000;
/**
 * So long a gateway that ends still answers on open connections, each for the last time. What is sent on one in the very moment
 * in which it is closed is lost, so those in use are to be left by their clients before.
 */
const LINGER_MS = 500;
const LOOK_EVERY_MS = 25;
export interface RequestTimes {
  /** A request's headers must have come within this time, in ms. */
  readonly headersWithinMs: number;
  /** A request's headers and body must have come within this time, in ms. */
  readonly requestWithinMs: number;
  /** How often that is looked at, in ms: Node.js does so every 30 s by itself, and a request could take that much longer. */
  readonly lookEveryMs: number;
}

const REQUEST_TIMES: RequestTimes = { headersWithinMs: 10_000, requestWithinMs: 30_000, lookEveryMs: 1_000 };

/** Serves the API, the page and the probes. @throws {ConfigurationError} when it cannot listen there */
export async function serve<C extends Asker>(options: ServeOptions<C>): Promise<HttpService> {
  const { configuration, metrics, logger, schema, context, awaited = () => undefined } = options;
  const { network, offered, writing } = configuration;
  const allowList = readAllowList(offered.operations);
  const draining = new Draining();
  const app = createApp(options, draining, options.requestTimes);
  const unread = new UnreadAnswers(options.unreadLimits);
  metrics.gauge('counterfoil_unread_answer_bytes', () => [{ labels: {}, value: unread.bytes }]);
  const work = new WorkBudget(configuration.limits.workPercentOfUser);
  metrics.gauge('counterfoil_queue_items', () => [{ labels: { queue: 'requests' }, value: work.waiting }]);
  const clientOf = createClientOf(network.trustedProxies);
  const formatError = createFormatError(logger);
  const graphql = {
    schema,
    context,
    authenticate: createAuthenticate(configuration.identity),
    formatError: offered.introspection ? formatError : withoutSuggestions(formatError),
    draining,
    rates: new Rates(configuration.limits),
    unread,
    work,
    clientOf,
    allowList,
    network,
    offered,
    rules: offered.introspection ? limitRules : [...limitRules, NoSchemaIntrospectionCustomRule],
    awaited: () => awaited(),
    metrics,
    logger,
  };
  await addGraphql(app, graphql);
  const told = { ...writing, 'time-zone': writing.timeZone, graphiql: offered.graphiql ? 'on' : 'off' };
  await addPage(app, { basePath: network.basePath, told });
  const sockets = addWebSocket(app.server, {
    ...graphql,
    checks: [createLocalCheck(configuration), createOriginCheck(network.allowedOrigins, clientOf)],
    times: options.socketTimes,
  });
  return listen(app, options, draining, sockets);
}

/** For processes without the gateway's role: the probes alone. @throws {ConfigurationError} when it cannot listen there */
export async function serveProbes(options: HttpOptions): Promise<HttpService> {
  const draining = new Draining();
  return listen(createApp(options, draining), options, draining, { close: async () => undefined });
}

function createApp(
  { configuration, health, metrics, logger }: HttpOptions,
  draining: Draining,
  { headersWithinMs, requestWithinMs, lookEveryMs } = REQUEST_TIMES,
): FastifyInstance {
  const pathOf = withoutBase(configuration.network.basePath);
  const app = Fastify({
    // Failures are logged below, by what caused them; a line for each request is what metrics are for.
    logger: false,
    // GraphQL alone takes larger ones: what else is sent is read for nothing.
    bodyLimit: 16 * 1024,
    requestTimeout: requestWithinMs,
    http: { headersTimeout: headersWithinMs, connectionsCheckingInterval: lookEveryMs, requireHostHeader: false },
    clientErrorHandler: answerUnreadable,
    // A URL that cannot be decoded.
    frameworkErrors: (error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.send(graphqlError(request, reply, error.statusCode ?? 400, 'BAD_REQUEST', error.message));
    },
    rewriteUrl: ({ url = '/' }) => pathOf(url),
    forceCloseConnections: 'idle',
    // Requests that come over an open connection while it ends are answered like any other, by GraphQL's own error.
    return503OnClosing: false,
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const labels = { route: routeOptions.url ?? 'none', method, status: String(reply.statusCode) };
    metrics.observe('counterfoil_http_request_duration_seconds', labels, reply.elapsedTime / 1000);
  });
  // Who keeps its connection open comes back on another one, which the next gateway takes.
  app.addHook('onSend', async (_request, reply) => {
    if (draining.begun()) void reply.header('connection', 'close');
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500)
      logger.error({ err: error, method: request.method, url: request.url }, 'a request failed unexpectedly');
    const message = status >= 500 ? 'something went wrong in the server; its log tells more' : error.message;
    return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
  });
  addRequestGuard(app, createLocalCheck(configuration), createClientOf(configuration.network.trustedProxies));
  addProbes(app, { health, draining: () => draining.begun() });
  addMetrics(app, { metrics, configuration });
  return app;
}

/** `/metrics` on a port of its own, which ends with the rest; undefined where it has none. */
async function listenForMetrics(app: FastifyInstance, options: HttpOptions): Promise<Listening | undefined> {
  const { host, network } = options.configuration;
  if (network.metricsPort === undefined) return undefined;
  const alone = Fastify({ logger: false, forceCloseConnections: true, clientErrorHandler: answerUnreadable });
  addRequestGuard(alone, createLocalCheck(options.configuration), createClientOf(0));
  addMetricsAlone(alone, options);
  app.addHook('onClose', () => alone.close());
  return listenAt(alone, host, network.metricsPort, 'METRICS_PORT');
}

/** Resolves when nobody is connected any more, or after `LINGER_MS`. */
async function left(server: Server): Promise<void> {
  const until = performance.now() + LINGER_MS;
  const connections = () => promisify(server.getConnections.bind(server))();
  while (performance.now() < until && (await connections()) > 0) await pause(LOOK_EVERY_MS);
}

async function listen(
  app: FastifyInstance,
  options: HttpOptions,
  draining: Draining,
  sockets: LiveSockets,
): Promise<HttpService> {
  const { configuration, logger } = options;
  const { host, network } = configuration;
  let metrics: Listening | undefined;
  let listening: Listening;
  try {
    metrics = await listenForMetrics(app, options);
    listening = await listenAt(app, host, configuration.port, 'PORT');
  } catch (error) {
    await app.close();
    throw error;
  }
  const cutOff = new AbortController();
  const cut = new Promise<void>((resolve) => cutOff.signal.addEventListener('abort', () => resolve(), { once: true }));

  async function end(): Promise<void> {
    draining.begin();
    await Promise.race([draining.idle(), cut]);
    await Promise.all([sockets.close(), Promise.race([left(app.server), cut])]);
    const closed = app.close();
    await Promise.race([closed, cut]);
    if (cutOff.signal.aborted) app.server.closeAllConnections();
    await closed;
  }

  let ended: Promise<void> | undefined;
  return {
    url: `${listening.url}${network.basePath}`,
    port: listening.port,
    metricsPort: metrics?.port,
    async drain() {
      const timer = setTimeout(() => {
        logger.warn('some requests were still running and have been cut off');
        cutOff.abort();
      }, DRAIN_WITHIN_MS);
      ended ??= end();
      await ended;
      clearTimeout(timer);
    },
    async close() {
      cutOff.abort();
      ended ??= end();
      await ended;
    },
  };
}
