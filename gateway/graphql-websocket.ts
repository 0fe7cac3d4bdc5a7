/**
 * GraphQL over WebSocket at /graphql, by the protocol graphql-transport-ws. Apollo's rules do not reach here: a document
 * passes the same limits, an asker the same identity, and an error the same formatting, by the same functions.
 *
 * It stands on graphql-ws's `makeServer`; its ready-made adapter for `ws` writes what clients do wrong to the console.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { getOperationAST, OperationTypeNode } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context as SocketContext } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { withoutBase } from './base-path.ts';
import { type Asker, traceparentOf } from './gateway-context.ts';
import { rawAnswer } from './graphql-answer.ts';
import { type GraphqlOptions, notYet, RETRY_AFTER_S } from './graphql-http.ts';
import { expectedBytes } from './http-answers.ts';
import { checkSubscribed, MAX_MESSAGE_BYTES } from './limits.ts';
import { liveResults } from './live-results.ts';
import { closeAll, type LiveSockets } from './live-sockets.ts';
import { checkOperation } from './operation-checks.ts';
import { countOperation } from './operation-counts.ts';
import { setPace } from './paced-commands.ts';
import { errorsFor, prepareOperation } from './prepare-operation.ts';
import type { CheckRequest } from './request-guard.ts';
import {
  authorizationOf,
  closeAt,
  identityOf,
  newConnection,
  reasonOf,
  type SocketConnection,
} from './socket-connection.ts';
import { SOCKET_TIMES, SocketGuard, type SocketTimes } from './socket-guard.ts';
import { SocketInbox } from './socket-inbox.ts';
import type { Taken } from './unread-answers.ts';
import { REQUEST_MS, workOf } from './work-budget.ts';

export interface WebSocketOptions<C extends Asker> extends GraphqlOptions<C> {
  /** Each must let the request for a WebSocket pass. */
  readonly checks: readonly CheckRequest[];
  /** Default: `SOCKET_TIMES`. */
  readonly times?: SocketTimes | undefined;
}

type Socket = SocketContext<Record<string, unknown> | undefined, SocketConnection>;

/** Frames of one message, and packets of one frame: each is an object of its own here, however few bytes it holds. */
const [MAX_FRAGMENTS, MAX_CHUNKS] = [256, 4_096];
const RETRY_AFTER = `Retry-After: ${RETRY_AFTER_S}\r\n`;
/** Close codes of WebSocket itself; graphql-ws's clients come back after 1013. */
const NORMAL_CLOSURE = 1000;
const TRY_AGAIN_LATER = 1013;

export function addWebSocket<C extends Asker>(http: HttpServer, options: WebSocketOptions<C>): LiveSockets {
  const {
    schema,
    context,
    authenticate,
    formatError,
    draining,
    rates,
    unread,
    work,
    clientOf,
    allowList,
    rules,
    network,
    metrics,
    logger,
    checks,
    awaited,
    times = SOCKET_TIMES,
  } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_CHUNKS,
    handleProtocols,
    autoPong: false,
    // One message in a turn of the event loop: a packet holds hundreds, and others wait meanwhile.
    allowSynchronousEvents: false,
  });
  const open = new Set<Socket>();
  /** By the subscription's first context: waits for the user's turn, and counts the work of one event. */
  const paces = new WeakMap<object, () => Promise<void>>();
  const pathOf = withoutBase(network.basePath);

  const protocol = makeServer<Record<string, unknown> | undefined, SocketConnection>({
    connectionInitWaitTimeout: times.initWithinMs,
    async onConnect(socket) {
      open.add(socket);
      const { extra, connectionParams } = socket;
      try {
        rates.request(extra.address);
        extra.identity = await authenticate(authorizationOf(connectionParams, extra.request));
      } catch (error) {
        const { message, extensions } = formatError(error);
        const refused = extensions?.['code'] === 'UNAUTHENTICATED';
        extra.guard.close(refused ? CloseCode.Forbidden : TRY_AGAIN_LATER, reasonOf(message));
        return false;
      }
      if (extra.identity.expiresAt !== undefined) closeAt(extra.identity.expiresAt, extra.socket);
      const { viewer } = extra.identity;
      const closed = rates.socketOfUser(viewer, extra.address);
      if (closed === undefined) {
        extra.guard.close(TRY_AGAIN_LATER, 'this user has too many WebSockets open');
        return false;
      }
      if (extra.socket.readyState === extra.socket.OPEN) extra.socket.once('close', closed);
      else closed();
      extra.worker = rates.shareOf(viewer, extra.address);
      extra.guard.acknowledge(extra.worker);
      work.charge(extra.worker, REQUEST_MS);
      return true;
    },

    onSubscribe({ extra }, _id, payload) {
      const begun = process.hrtime.bigint();
      let type: OperationTypeNode | 'invalid' = 'invalid';
      let left: (() => void) | undefined;
      let reserved: Taken | undefined;
      let unsubscribed: (() => void) | undefined;
      let cost = 0;
      extra.running += 1;
      extra.answered.set(payload, (outcome) => {
        if (!extra.answered.delete(payload)) return;
        extra.running -= 1;
        extra.subscribedCost -= cost;
        reserved?.end();
        unsubscribed?.();
        const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
        countOperation(metrics, { type, transport: 'websocket', outcome }, seconds);
        // The answer is sent after the hook that calls this, in the same turn of the event loop.
        if (left !== undefined) setImmediate(left);
      });
      try {
        const { viewer } = identityOf(extra);
        rates.request(extra.address);
        rates.underWay(viewer, extra.running);
        const { operation, ...args } = prepareOperation({ schema, rules, allowList }, payload);
        type = operation.operation;
        const isMutation = type === OperationTypeNode.MUTATION;
        if (isMutation) draining.refuseMutations();
        const charge = (cost: number) => work.charge(extra.worker, workOf(cost));
        const asker = { viewer, address: extra.address, charge };
        const asked = checkOperation({ schema, rates }, asker, args.document, operation, args.variableValues);
        if (type !== OperationTypeNode.SUBSCRIPTION) {
          reserved = unread.reserve(rates.shareOf(viewer, extra.address), expectedBytes(asked));
          left = draining.enter();
        } else {
          cost = asked;
          extra.subscribedCost += cost;
          checkSubscribed(extra.subscribedCost);
          unsubscribed = rates.subscribed(viewer, extra.address, cost);
        }
        const contextValue = freshContext(extra);
        setPace(contextValue.operation, () => work.command(extra.worker));
        paces.set(contextValue, async () => {
          await work.turn(extra.worker);
          work.charge(extra.worker, workOf(asked));
        });
        return { ...args, contextValue };
      } catch (error) {
        // Here, as nothing calls `onError` when the client has completed it in the same moment.
        extra.answered.get(payload)?.('error');
        return errorsFor(error);
      }
    },

    subscribe(args) {
      const asker: C = args.contextValue as C;
      const fresh = () => context({ viewer: asker.viewer, traceparent: asker.traceparent, operation: {} });
      return liveResults(args, fresh, paces.get(asker));
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

  function freshContext(connection: SocketConnection): C {
    const { viewer } = identityOf(connection);
    return context({ viewer, traceparent: traceparentOf(connection.request.headers), operation: {} });
  }

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const guard = new SocketGuard(socket, times, unread, (waiting) =>
      logger.warn({ bytes: waiting }, 'a WebSocket was cut off: what was sent to it was not read'),
    );
    const fail = (error: unknown) => {
      const { message } = formatError(error);
      guard.close(CloseCode.InternalServerError, reasonOf(message));
    };
    request.socket.on('data', (chunk: Buffer) => guard.received(chunk.length));
    const { address } = clientOf(request);
    const connection = newConnection(socket, guard, request, address, rates.workerOf(undefined, address));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (message) => guard.send(message),
        close: (code, reason) => guard.close(code ?? NORMAL_CLOSURE, reason),
        onMessage: (take) => {
          const inbox = new SocketInbox({
            ...{ socket, work, worker: () => connection.worker },
            refuse: (why) => guard.close(CloseCode.BadRequest, reasonOf(why)),
            take: (message) => {
              take(message).catch((error: unknown) => (socket.readyState === socket.OPEN ? fail(error) : undefined));
            },
          });
          socket.on('message', (message) => {
            if (guard.mayTake(message)) inbox.push(message);
          });
        },
        onPing: async (payload) => {
          const pong = guard.pongFor(payload);
          if (pong !== undefined) await guard.send(pong);
        },
      },
      connection,
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
    const [path] = pathOf(request.url ?? '').split('?');
    if (path !== '/graphql') return refuse(stream, 404, 'WebSockets are for /graphql');
    for (const check of checks) {
      const refusal = check(request);
      if (refusal !== undefined) return refuse(stream, 403, refusal);
    }
    if (draining.begun()) return refuse(stream, 503, 'this server is shutting down');
    const waiting = awaited();
    if (waiting !== undefined) return refuse(stream, 503, notYet(waiting), RETRY_AFTER);
    const { address } = clientOf(request);
    // Hundreds that come at once would be taken in one turn of the event loop.
    const worker = rates.workerOf(undefined, address);
    if (work.debtMs(worker) > 0) return refuse(stream, 429, 'this address opens too many WebSockets', RETRY_AFTER);
    work.charge(worker, REQUEST_MS);
    const closed = rates.socketOfAddress(address);
    if (closed === undefined) return refuse(stream, 429, 'this address has too many WebSockets open');
    stream.once('close', closed);
    sockets.handleUpgrade(request, stream, head, (socket) => accept(socket, request));
    return undefined;
  });

  metrics.gauge('counterfoil_websocket_connections', () => [{ labels: {}, value: sockets.clients.size }]);
  metrics.gauge('counterfoil_subscriptions', () => [
    { labels: {}, value: [...open].reduce((sum, { subscriptions }) => sum + streamsIn(subscriptions), 0) },
  ]);

  return { close: () => closeAll(sockets) };
}

function refuse(stream: Duplex, status: number, message: string, header = ''): undefined {
  stream.on('error', () => undefined);
  stream.end(rawAnswer(status, 'text/plain', `${message}\n`, header));
}

function streamsIn(subscriptions: Socket['subscriptions']): number {
  return Object.values(subscriptions).filter((stream) => stream !== null).length;
}
