/** WebSockets that say just what a test tells them to, to a gateway of that test. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { socketUrl, type TestGateway, testGateway } from './gateway.service.ts';

export const INIT = { type: 'connection_init' };

let gateway: TestGateway | undefined;
export const opened: WebSocket[] = [];
/** Ends what a test has opened: for `afterEach`. */
export async function endAll(): Promise<void> {
  for (const socket of opened.splice(0)) socket.terminate();
  await gateway?.[Symbol.asyncDispose]();
  gateway = undefined;
}

export async function open(options: Parameters<typeof testGateway>[0] = {}): Promise<TestGateway> {
  gateway = await testGateway(options);
  return gateway;
}

/** A client that says just what it is told to. */
export async function rawSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(socketUrl({ url }), 'graphql-transport-ws');
  opened.push(socket);
  await once(socket, 'open');
  return socket;
}

export async function initiated(url: string): Promise<WebSocket> {
  const socket = await rawSocket(url);
  socket.send(JSON.stringify(INIT));
  await once(socket, 'message');
  return socket;
}

export const closed = (socket: WebSocket) =>
  new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );

/** The connection below, for what no client would send. */
export const streamOf = (socket: WebSocket) => (socket as unknown as { readonly _socket: Duplex })._socket;
