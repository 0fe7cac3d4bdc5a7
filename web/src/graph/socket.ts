/**
 * The WebSocket under all subscriptions. It never gives up: graphql-ws sends every running subscription again after a
 * reconnect, and `onGap` tells those who show data that changes may have been missed meanwhile.
 */
import { type Client, createClient } from 'graphql-ws';
import { basePath } from './base-path';
import { session } from './session';

export type SocketState = 'connecting' | 'connected' | 'lost';

const PING_EVERY_MS = 5_000;
const PONG_WITHIN_MS = 4_000;
const LONGEST_WAIT_MS = 2_500;

let state: SocketState = 'connecting';
let wasConnected = false;
const listeners = new Set<() => void>();
const gapListeners = new Set<() => void>();

function set(next: SocketState): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
  });
}

let pongTimer: ReturnType<typeof setTimeout> | undefined;

/** graphql-ws's client; it connects with the first subscription. */
export const socket: Client = createClient({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${basePath}graphql`,
  connectionParams: () => {
    const authorization = session.authorization();
    return authorization === null ? {} : { authorization };
  },
  retryAttempts: Number.POSITIVE_INFINITY,
  retryWait: (attempt) => wait(Math.min(200 * 2 ** attempt, LONGEST_WAIT_MS) * (0.7 + Math.random() * 0.6)),
  shouldRetry: () => true,
  keepAlive: PING_EVERY_MS,
  on: {
    connected: () => {
      set('connected');
      if (wasConnected) for (const listener of gapListeners) listener();
      wasConnected = true;
    },
    closed: () => {
      clearTimeout(pongTimer);
      set('lost');
    },
    // A machine that slept or changed networks leaves a socket that is open and silent. It is given up without a closing
    // handshake, for which nobody is there, and opened anew.
    ping: (received) => {
      if (!received) pongTimer = setTimeout(() => socket.terminate(), PONG_WITHIN_MS);
    },
    pong: (received) => {
      if (received) clearTimeout(pongTimer);
    },
  },
});

// The browser has no network any more. A server on this very machine is still there: then the next try finds it.
addEventListener('offline', () => socket.terminate());

/** Whether the server can be heard; for a sign in the page's frame, and for what waits to be sent. */
export const socketState = {
  get: () => state,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Calls back after each reconnect: what was pushed in between is lost, so read again what is shown. */
export function onGap(listener: () => void): () => void {
  gapListeners.add(listener);
  return () => gapListeners.delete(listener);
}
