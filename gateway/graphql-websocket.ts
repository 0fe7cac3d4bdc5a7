/**
 * GraphQL over WebSocket at /graphql, by the protocol graphql-transport-ws. Apollo's rules do not reach here: a document
 * passes the same limits, an asker the same identity, and an error the same formatting, by the same functions.
 *
 * It stands on graphql-ws's `makeServer`; its ready-made adapter for `ws` writes what clients do wrong to the console.
 */
import { type Server as HttpServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ExecutionArgs,
  GraphQLError,
  getOperationAST,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import {
  CloseCode,
  handleProtocols,
  makeServer,
  type Context as SocketContext,
  type SubscribePayload,
} from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { checkCost } from './cost.ts';
import { checkDocument } from './document-limits.ts';
import { type Asker, traceparentOf } from './gateway-context.ts';
import { type GraphqlOptions, notYet, RETRY_AFTER_S } from './graphql-http.ts';
import type { Identity } from './identity.ts';
import {
  checkSubscribed,
  limitRules,
  MAX_MESSAGE_BYTES,
  MAX_TOKENS,
  MAX_VALIDATION_ERRORS,
  rootFieldsOf,
} from './limits.ts';
import { liveResults } from './live-results.ts';
import type { CheckHeaders } from './request-guard.ts';
import { SOCKET_TIMES, SocketGuard, type SocketTimes } from './socket-guard.ts';

export interface WebSocketOptions<C extends Asker> extends GraphqlOptions<C> {
  /** Each must let the request for a WebSocket pass. */
  readonly checks: readonly CheckHeaders[];
  /** Default: `SOCKET_TIMES`. */
  readonly times?: SocketTimes | undefined;
}

/** What is known of one WebSocket. */
interface Connection {
  readonly socket: WebSocket;
  readonly guard: SocketGuard;
  readonly request: IncomingMessage;
  identity: Identity | undefined;
  /** By the operation's payload, as an id may be used again before its answer: called when it has been answered. */
  readonly answered: Map<SubscribePayload, (outcome: 'ok' | 'error') => void>;
  /** Operations that have not ended, also those that the client has completed and no longer hears of. */
  running: number;
  /** What one event for each of its subscriptions costs. */
  subscribedCost: number;
}

type Socket = SocketContext<Record<string, unknown> | undefined, Connection>;

const CLOSE_WITHIN_MS = 2_000;
/** setTimeout takes no longer ones. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Close codes of WebSocket itself; graphql-ws's clients come back after both. */
const SERVICE_RESTART = 1012;
const TRY_AGAIN_LATER = 1013;

export interface LiveSockets {
  /** Tells every client to come back (1012), and resolves once they are gone. */
  close(): Promise<void>;
}

export function addWebSocket<C extends Asker>(http: HttpServer, options: WebSocketOptions<C>): LiveSockets {
  const {
    schema,
    context,
    authenticate,
    formatError,
    draining,
    rates,
    metrics,
    logger,
    checks,
    awaited,
    times = SOCKET_TIMES,
  } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols,
    autoPong: false,
  });
  const open = new Set<Socket>();

  const protocol = makeServer<Record<string, unknown> | undefined, Connection>({
    connectionInitWaitTimeout: times.initWithinMs,
    async onConnect(socket) {
      open.add(socket);
      const { extra, connectionParams } = socket;
      try {
        rates.request(extra.request.socket.remoteAddress);
        extra.identity = await authenticate(authorizationOf(connectionParams, extra.request));
      } catch (error) {
        const { message, extensions } = formatError(error);
        const refused = extensions?.['code'] === 'UNAUTHENTICATED';
        extra.socket.close(refused ? CloseCode.Forbidden : TRY_AGAIN_LATER, reasonOf(message));
        return false;
      }
      if (extra.identity.expiresAt !== undefined) closeAt(extra.identity.expiresAt, extra.socket);
      const closed = rates.socketOfUser(extra.identity.viewer);
      if (closed === undefined) {
        extra.socket.close(TRY_AGAIN_LATER, 'this user has too many WebSockets open');
        return false;
      }
      if (extra.socket.readyState === extra.socket.OPEN) extra.socket.once('close', closed);
      else closed();
      extra.guard.acknowledge();
      return true;
    },

    onSubscribe({ extra }, _id, payload) {
      const begun = process.hrtime.bigint();
      let type: OperationTypeNode | 'invalid' = 'invalid';
      let left: (() => void) | undefined;
      let cost = 0;
      extra.running += 1;
      extra.answered.set(payload, (outcome) => {
        if (!extra.answered.delete(payload)) return;
        extra.running -= 1;
        extra.subscribedCost -= cost;
        metrics.operation({ type, transport: 'websocket', outcome }, Number(process.hrtime.bigint() - begun) / 1e9);
        // The answer is sent after the hook that calls this, in the same turn of the event loop.
        if (left !== undefined) setImmediate(left);
      });
      try {
        const { viewer } = identityOf(extra);
        rates.request(extra.request.socket.remoteAddress);
        rates.underWay(viewer, extra.running);
        const { operation, ...args } = prepare(payload);
        type = operation.operation;
        if (type === OperationTypeNode.MUTATION) draining.refuseMutations();
        rates.operation(viewer, type, rootFieldsOf(args.document, operation));
        const asked = checkCost(schema, args.document, operation, args.variableValues);
        if (type !== OperationTypeNode.SUBSCRIPTION) left = draining.enter();
        else {
          cost = asked;
          extra.subscribedCost += cost;
          checkSubscribed(extra.subscribedCost);
        }
        return { ...args, contextValue: freshContext(extra) };
      } catch (error) {
        // Here, as nothing calls `onError` when the client has completed it in the same moment.
        extra.answered.get(payload)?.('error');
        return error instanceof Refused ? error.errors : [asGraphql(error)];
      }
    },

    subscribe(args) {
      const asker: C = args.contextValue as C;
      return liveResults(args, () => context({ viewer: asker.viewer, traceparent: asker.traceparent }));
    },

    onNext(_socket, _id, _payload, { document, operationName }, { data = null, errors }) {
      if (errors === undefined) return { data };
      const type = getOperationAST(document, operationName)?.operation;
      return { data, errors: errors.map((error) => formatError(error, type)) };
    },
    onError(socket, _id, payload, errors) {
      socket.extra.answered.get(payload)?.('error');
      return errors.map((error) => formatError(error));
    },
    onComplete(socket, _id, payload) {
      socket.extra.answered.get(payload)?.('ok');
    },
    onClose(socket) {
      open.delete(socket);
      for (const answered of socket.extra.answered.values()) answered('error');
    },
  });

  function prepare({ query, operationName, variables }: SubscribePayload) {
    let document: ExecutionArgs['document'];
    try {
      document = parse(query, { maxTokens: MAX_TOKENS });
    } catch (error) {
      throw new Refused([asGraphql(error)], 'GRAPHQL_PARSE_FAILED');
    }
    checkDocument(document);
    const wrong = validate(schema, document, [...specifiedRules, ...limitRules], { maxErrors: MAX_VALIDATION_ERRORS });
    if (wrong.length > 0) throw new Refused(wrong, 'GRAPHQL_VALIDATION_FAILED');
    const operation = getOperationAST(document, operationName);
    if (!operation) {
      const message = operationName
        ? `there is no operation named "${operationName}"`
        : 'operationName must say which to run';
      throw new Refused([new GraphQLError(message)], 'OPERATION_RESOLUTION_FAILURE');
    }
    return { schema, document, operation, operationName: operationName ?? null, variableValues: variables ?? null };
  }

  function freshContext(connection: Connection): C {
    const { viewer } = identityOf(connection);
    return context({ viewer, traceparent: traceparentOf(connection.request.headers) });
  }

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const guard = new SocketGuard(socket, times, (waiting) =>
      logger.warn({ bytes: waiting }, 'a WebSocket was cut off: what was sent to it was not read'),
    );
    const fail = (error: unknown) => {
      const { message } = formatError(error);
      socket.close(CloseCode.InternalServerError, reasonOf(message));
    };
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (message) => guard.send(message),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on('message', (message) => {
            if (!guard.mayTake(message)) return;
            take(String(message)).catch((error: unknown) =>
              socket.readyState === socket.OPEN ? fail(error) : undefined,
            );
          });
        },
        onPing: async (payload) => {
          const pong = guard.pongFor(payload);
          if (pong !== undefined) await guard.send(pong);
        },
      },
      { socket, guard, request, identity: undefined, answered: new Map(), running: 0, subscribedCost: 0 },
    );
    // ws closes the socket itself, with the code that fits: too large a message, broken frames.
    socket.on('error', (error) => logger.debug({ err: error }, 'a WebSocket was closed for what it sent'));
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((error: unknown) =>
        logger.error({ err: error }, 'a WebSocket was not left tidily'),
      );
    });
  }

  http.on('upgrade', (request, stream, head) => {
    const path = request.url?.split('?')[0];
    if (path !== '/graphql') return refuse(stream, 404, 'WebSockets are for /graphql');
    for (const check of checks) {
      const refusal = check(request.headers);
      if (refusal !== undefined) return refuse(stream, 403, refusal);
    }
    if (draining.begun()) return refuse(stream, 503, 'this server is shutting down');
    const waiting = awaited();
    if (waiting !== undefined) return refuse(stream, 503, notYet(waiting), `Retry-After: ${RETRY_AFTER_S}\r\n`);
    const closed = rates.socketOfAddress(request.socket.remoteAddress);
    if (closed === undefined) return refuse(stream, 429, 'this address has too many WebSockets open');
    stream.once('close', closed);
    sockets.handleUpgrade(request, stream, head, (socket) => accept(socket, request));
    return undefined;
  });

  metrics.gauge({
    name: 'websocket_connections',
    help: 'WebSockets that are open',
    read: () => [{ value: sockets.clients.size }],
  });
  metrics.gauge({
    name: 'subscriptions',
    help: 'Subscriptions under way',
    read: () => [{ value: [...open].reduce((sum, { subscriptions }) => sum + streamsIn(subscriptions), 0) }],
  });

  return {
    async close() {
      const gone = [...sockets.clients].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      for (const socket of sockets.clients) socket.close(SERVICE_RESTART, 'the server is shutting down');
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, CLOSE_WITHIN_MS);
      await Promise.all(gone);
      clearTimeout(timer);
      sockets.close();
    },
  };
}

/** Errors for the client in place of an operation. */
class Refused extends Error {
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[], code: string) {
    super('refused');
    this.errors = errors;
    for (const error of errors) error.extensions['code'] ??= code;
  }
}

function asGraphql(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}

function identityOf({ identity }: Connection): Identity {
  if (identity === undefined) throw new Error('an operation came before its identity');
  return identity;
}

function authorizationOf(params: Record<string, unknown> | undefined, request: IncomingMessage): string | undefined {
  const given = params?.['authorization'] ?? params?.['Authorization'];
  return typeof given === 'string' ? given : request.headers.authorization;
}

/** graphql-ws's clients ask for a new token and come back after 4403. */
function closeAt(expiresAt: number, socket: WebSocket): void {
  const wait = Math.min(Math.max(expiresAt - Date.now(), 0), LONGEST_TIMER_MS);
  const timer = setTimeout(() => {
    if (Date.now() >= expiresAt) socket.close(CloseCode.Forbidden, 'the token has expired');
    else closeAt(expiresAt, socket);
  }, wait);
  socket.once('close', () => clearTimeout(timer));
}

function refuse(stream: Duplex, status: number, message: string, header = ''): undefined {
  const body = `${message}\n`;
  stream.on('error', () => undefined);
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `${header}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** A close frame holds at most 123 bytes of reason. */
function reasonOf(message: string): string {
  return message.length <= 120 ? message : `${message.slice(0, 119)}…`.slice(0, 100);
}

function streamsIn(subscriptions: Socket['subscriptions']): number {
  return Object.values(subscriptions).filter((stream) => stream !== null).length;
}
