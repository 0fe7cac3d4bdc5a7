/** How the gateway ends: nobody is left without an answer, and nobody stays. */
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Answer, socketUrl, type TestGateway, testGateway } from './gateway.service.ts';

const ADD = 'mutation { removeCustomer(input: { customerId: "a" }) { id } }';

let gateway: TestGateway;
let release: () => void;
afterEach(() => gateway[Symbol.asyncDispose]());

/** A gateway whose mutations wait for `release`; `entered` resolves once one is running. */
async function open(): Promise<{ entered: Promise<void> }> {
  let enter: () => void = () => undefined;
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const receipt = { transactionId: 't', id: 'a', acceptedAt: new Date(0).toISOString(), transaction: {} };
  gateway = await testGateway({
    resolvers: {
      Mutation: {
        removeCustomer: async () => {
          enter();
          await released;
          return receipt;
        },
      },
      Subscription: {
        transactions: {
          subscribe: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
        },
      },
    },
  });
  return { entered };
}

describe('draining', () => {
  it('answers the mutation that is running over HTTP, and refuses the next one', async () => {
    const { entered } = await open();
    const running = gateway.post({ query: ADD });
    await entered;
    const socketMutation = firstOf(ADD);
    await socketMutation.sent;
    const drained = gateway.drain();

    // The WebSocket's mutation holds the draining, so the port is still open for this one.
    const refused: Answer = await gateway.post({ query: ADD });
    expect(refused.status).toBe(503);
    expect(refused.body.errors?.[0]?.extensions['code']).toBe('UNAVAILABLE');
    const ready = await fetch(`${gateway.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'shutting down', parts: {} }]);

    release();
    expect((await running).body.data).toEqual({ removeCustomer: { id: 'a' } });
    expect(await socketMutation.messages).toEqual(['connection_ack', 'next', 'complete', 1012]);
    await drained;
    await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow();
  });

  it('tells subscribers to come back', async () => {
    await open();
    const subscriber = firstOf('subscription { transactions { id } }');
    await subscriber.sent;
    await gateway.drain();
    expect(await subscriber.messages).toEqual(['connection_ack', 1012]);
  });

  it('answers a client that keeps its connection open once more, and tells it to leave that connection', async () => {
    await open();
    const ask = () =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ viewer { id } }' }),
      });
    const before = await ask();
    expect([before.status, before.headers.get('connection')]).toEqual([200, 'keep-alive']);
    await before.text();
    const drained = gateway.drain();
    const after = await ask();
    expect([after.status, after.headers.get('connection')]).toEqual([200, 'close']);
    await after.text();
    await drained;
    await expect(ask()).rejects.toThrow();
  });

  it('ends with connections open that nobody uses', async () => {
    await open();
    await gateway.post({ query: '{ viewer { id } }' });
    await gateway.drain();
    await gateway.drain();
  });

  it('is cut short by closing', async () => {
    const { entered } = await open();
    const running = gateway.post({ query: ADD }).catch((error: unknown) => error);
    await entered;
    const drained = gateway.drain();
    await gateway.close();
    await drained;
    expect(await running).toBeInstanceOf(Error);
  });
});

/** Runs one operation over a bare WebSocket: what the server says, and the code it closes with. */
function firstOf(query: string): { sent: Promise<void>; messages: Promise<readonly unknown[]> } {
  const messages: unknown[] = [];
  const socket = new WebSocket(socketUrl(gateway), 'graphql-transport-ws');
  const sent = new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      messages.push(type);
      if (type === 'connection_ack') {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
        // The server answers in order: once it has answered this, it has begun the operation.
        socket.send(JSON.stringify({ type: 'ping' }));
      }
      if (type === 'pong') {
        messages.pop();
        resolve();
      }
    });
  });
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
  const closed = new Promise<readonly unknown[]>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve([...messages, code]));
  });
  return { sent, messages: closed };
}
