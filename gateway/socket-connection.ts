/** What is known of one WebSocket: who asks, what is under way on it, and when it must end. */
import type { IncomingMessage } from 'node:http';
import { CloseCode, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Identity } from './identity.ts';
import type { SocketGuard } from './socket-guard.ts';

export interface SocketConnection {
  readonly socket: WebSocket;
  readonly guard: SocketGuard;
  readonly request: IncomingMessage;
  /** The client's, also behind a trusted proxy. */
  readonly address: string | undefined;
  /** Undefined until `connection_init`. */
  identity: Identity | undefined;
  /** Whose share of the server's work it takes; undefined: nobody's. */
  worker: string | undefined;
  /** By the operation's payload, as an id may be used again before its answer: called when it has been answered. */
  readonly answered: Map<SubscribePayload, (outcome: 'ok' | 'error') => void>;
  /** Operations that have not ended, also those that the client has completed and no longer hears of. */
  running: number;
  /** What one event for each of its subscriptions costs. */
  subscribedCost: number;
}

/** setTimeout takes no longer ones. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function newConnection(
  socket: WebSocket,
  guard: SocketGuard,
  request: IncomingMessage,
  address: string | undefined,
  worker: string | undefined,
): SocketConnection {
  const answered: SocketConnection['answered'] = new Map();
  return { socket, guard, request, address, worker, identity: undefined, answered, running: 0, subscribedCost: 0 };
}

/** @throws {Error} before `connection_init`: the protocol lets no operation pass then */
export function identityOf({ identity }: SocketConnection): Identity {
  if (identity === undefined) throw new Error('an operation came before its identity');
  return identity;
}

/** The token of `connectionParams`; programs may send it as a header instead. */
export function authorizationOf(
  params: Record<string, unknown> | undefined,
  request: IncomingMessage,
): string | undefined {
  const given = params?.['authorization'] ?? params?.['Authorization'];
  return typeof given === 'string' ? given : request.headers.authorization;
}

/** Closes the WebSocket when the token expires. graphql-ws's clients ask for a new token and come back after 4403. */
export function closeAt(expiresAt: number, socket: WebSocket): void {
  const wait = Math.min(Math.max(expiresAt - Date.now(), 0), LONGEST_TIMER_MS);
  const timer = setTimeout(() => {
    if (Date.now() >= expiresAt) socket.close(CloseCode.Forbidden, 'the token has expired');
    else closeAt(expiresAt, socket);
  }, wait);
  socket.once('close', () => clearTimeout(timer));
}

/** A close frame holds at most 123 bytes of reason. */
export function reasonOf(message: string): string {
  return message.length <= 120 ? message : `${message.slice(0, 119)}…`.slice(0, 100);
}
