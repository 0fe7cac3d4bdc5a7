/** A gateway on a free port with the real schema and resolvers made for the test, and small clients to talk to it. */
import type { IncomingMessage } from 'node:http';
import { type Client, createClient } from 'graphql-ws';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import type { Asker } from '../gateway/gateway-context.ts';
import type { CheckHealth } from '../gateway/probes.ts';
import { executableSchema } from '../gateway/schema.ts';
import { type HttpService, type RequestTimes, serve } from '../gateway/server.ts';
import type { SocketTimes } from '../gateway/socket-guard.ts';
import type { UnreadLimits } from '../gateway/unread-answers.ts';
import {
  type Configuration,
  type IdentityConfiguration,
  type LimitsConfiguration,
  readConfiguration,
} from '../server/configuration.ts';
import { createMetrics } from '../telemetry/metrics.ts';

type Resolvers = Parameters<typeof executableSchema>[0];

export interface TestGateway extends HttpService {
  /** Everything logged so far, a line for each entry. */
  readonly logged: () => string;
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  socket(connectionParams?: Record<string, unknown>): Client;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  };
}

export const viewerResolvers = { Query: { viewer: (_: unknown, __: unknown, { viewer }: Asker) => viewer } };

export async function testGateway(
  options: {
    resolvers?: Resolvers;
    identity?: IdentityConfiguration;
    limits?: Partial<LimitsConfiguration>;
    port?: number;
    /** What the environment says of proxies, pages, metrics, operations and the like. */
    env?: Readonly<Record<string, string>>;
    health?: CheckHealth;
    awaited?: () => string | undefined;
    socketTimes?: SocketTimes;
    requestTimes?: RequestTimes;
    unreadLimits?: UnreadLimits;
  } = {},
): Promise<TestGateway> {
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  const read = readConfiguration(options.env ?? {});
  const configuration: Configuration = {
    ...read,
    port: options.port ?? 0,
    identity: options.identity ?? read.identity,
    limits: { ...read.limits, ...options.limits },
  };
  const service = await serve({
    configuration,
    schema: executableSchema(options.resolvers ?? viewerResolvers),
    context: (asker) => ({ ...asker, made: Symbol('one for each operation') }),
    health: options.health ?? (() => ({})),
    ...(options.awaited ? { awaited: options.awaited } : {}),
    socketTimes: options.socketTimes,
    requestTimes: options.requestTimes,
    unreadLimits: options.unreadLimits,
    metrics: createMetrics(),
    logger,
  });
  const clients: Client[] = [];
  return {
    ...service,
    logged: () => lines.join(''),
    async post(body, headers = {}) {
      const response = await fetch(`${service.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
    },
    socket(connectionParams = {}) {
      const client = createClient({
        url: socketUrl(service),
        webSocketImpl: WebSocket,
        connectionParams,
        retryAttempts: 0,
        onNonLazyError: () => undefined,
      });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.dispose();
      await service.close();
    },
  };
}

export function socketUrl({ url }: { readonly url: string }): string {
  return `${url.replace('http', 'ws')}/graphql`;
}

/** The first result of an operation over a WebSocket; rejects with what the server gave in its place. */
export async function first(client: Client, query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  for await (const result of client.iterate({ query, variables })) return result;
  return undefined;
}

/** How the server answers a request for a WebSocket, and how it closes it: the HTTP status, or the code and reason. */
export function closingOf(
  url: string,
  headers: Record<string, string>,
  messages: readonly unknown[] = [],
): Promise<{ status: number } | { code: number; reason: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      resolve({ status: response.statusCode ?? 0 });
      socket.terminate();
    });
    socket.on('open', () => {
      for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    });
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    socket.on('error', reject);
  });
}
