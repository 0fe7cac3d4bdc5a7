/** Readers of a WebSocket that never read: each is cut off or catches up, and little waits for it meanwhile. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_WAITING_BYTES } from '../gateway/socket-guard.ts';
import { LatestQueue } from '../transactions/latest-queue.ts';
import { closed, endAll, initiated, open } from './gateway.raw-sockets.ts';

afterEach(endAll);

describe('a reader that never reads', () => {
  const SIZE = 20_000;

  async function withSubscription(entities: number) {
    const queues = new Set<LatestQueue<{ id: string; firstName: string }>>();
    const { url, logged } = await open({
      // Long enough for all the changes to pass before the first ping.
      socketTimes: { initWithinMs: 5_000, pingEveryMs: 3_000 },
      resolvers: {
        Subscription: {
          customerChanged: {
            subscribe: () => {
              const queue = new LatestQueue<{ id: string; firstName: string }>(() => queues.delete(queue));
              queues.add(queue);
              return queue;
            },
            resolve: (event: unknown) => event,
          },
        },
      },
    });
    const socket = await initiated(url);
    socket.send(
      JSON.stringify({
        type: 'subscribe',
        id: '1',
        payload: { query: 'subscription { customerChanged { id firstName } }' },
      }),
    );
    await vi.waitFor(() => expect(queues.size).toBe(1));
    const change = (i: number) => {
      const event = { id: `c${i % entities}`, firstName: String(i).padStart(SIZE, '0') };
      for (const queue of queues) queue.push(event.id, event);
    };
    return { socket, change, queues, logged };
  }

  it('gets the newest state of each entity when it reads again', async () => {
    const { socket, change } = await withSubscription(3);
    const newest = new Map<string, string>();
    socket.on('message', (message) => {
      const { payload } = JSON.parse(String(message));
      newest.set(payload.data.customerChanged.id, payload.data.customerChanged.firstName);
    });
    socket.pause();
    for (let i = 0; i < 3_000; i += 1) {
      change(i);
      if (i % 100 === 0) await new Promise(setImmediate);
    }
    socket.resume();
    await vi.waitFor(() => expect([...newest.values()].map(Number).sort()).toEqual([2_997, 2_998, 2_999]));
  });

  it('is cut off with 1013 and the reason, its subscription has ended, and little waited for it', async () => {
    const { socket, change, queues, logged } = await withSubscription(50);
    socket.pause();
    let sent = 0;
    // 400 MB pass by; the socket holds what the limit allows at most.
    for (; sent < 20_000; sent += 1) {
      change(sent);
      if (sent % 100 === 0) await new Promise(setImmediate);
    }
    await vi.waitFor(() => expect(logged()).toContain('a WebSocket was cut off'), { timeout: 15_000, interval: 20 });
    const waiting = /"bytes":(\d+)/.exec(logged())?.[1];
    expect(Number(waiting)).toBeLessThan(MAX_WAITING_BYTES);
    const end = closed(socket);
    socket.resume();
    expect(await end).toEqual({
      code: 1013,
      reason: 'what is sent is read too slowly: come back, and read again what you show',
    });
    await vi.waitFor(() => expect(queues.size).toBe(0));
  });

  it('that says pong to pings it has not read is cut off as well', async () => {
    const { socket, change, logged } = await withSubscription(50);
    socket.pause();
    for (let i = 0; i < 1_000; i += 1) {
      change(i);
      if (i % 100 === 0) await new Promise(setImmediate);
    }
    const timer = setInterval(() => socket.pong(), 500);
    try {
      await vi.waitFor(() => expect(logged()).toContain('a WebSocket was cut off'), { timeout: 15_000, interval: 20 });
    } finally {
      clearInterval(timer);
    }
  });

  it('of very large answers is cut off once they are more than may wait', async () => {
    const big = 'x'.repeat(6 * 1024 * 1024);
    const { url, logged } = await open({ resolvers: { Query: { viewer: () => ({ id: big }) } } });
    const socket = await initiated(url);
    socket.pause();
    for (let i = 0; i < 30; i += 1) {
      socket.send(JSON.stringify({ type: 'subscribe', id: `${i}`, payload: { query: '{ viewer { id } }' } }));
    }
    await vi.waitFor(() => expect(logged()).toContain('a WebSocket was cut off'), { timeout: 15_000, interval: 20 });
    expect(Number(/"bytes":(\d+)/.exec(logged())?.[1])).toBeLessThan(MAX_WAITING_BYTES + 2 * big.length);
  });
});
