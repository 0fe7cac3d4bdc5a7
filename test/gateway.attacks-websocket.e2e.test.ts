/** Attacks over a WebSocket: each ends that WebSocket, holds no memory, and leaves the others alone. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  MAX_BYTES_BEFORE_INIT,
  MAX_BYTES_RECEIVED_BEFORE_INIT,
  MAX_PINGS_PER_MINUTE,
} from '../gateway/socket-guard.ts';
import { readConfiguration } from '../server/configuration.ts';
import { LatestQueue } from '../transactions/latest-queue.ts';
import { ADMIN_FACTOR } from '../transactions/viewer.ts';
import { closed, endAll, INIT, initiated, open, opened, rawSocket, streamOf } from './gateway.raw-sockets.ts';
import { closingOf, first, socketUrl } from './gateway.service.ts';

const BY_SECRET = {
  by: 'secret',
  secret: Buffer.from('a secret that has thirty-two bytes'),
  expected: { issuer: undefined, audience: undefined },
} as const;
/** Everyone is an admin here. */
const MAX_OPERATIONS_PER_SOCKET = readConfiguration({}).limits.operationsPerSocket * ADMIN_FACTOR;

afterEach(endAll);

describe('before it is known who asks', () => {
  it('a ping comes back without its payload', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const socket = await rawSocket(url);
    socket.send(JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(5_000) } }));
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe('{"type":"pong"}');
  });

  it('a message larger than a token needs closes it, whatever it is', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const text = 'x'.repeat(MAX_BYTES_BEFORE_INIT);
    for (const type of ['ping', 'pong', 'connection_init', 'subscribe']) {
      expect(await closingOf(socketUrl({ url }), {}, [{ type, payload: { text } }])).toMatchObject({ code: 1009 });
    }
  });

  it('a message that never ends is not kept, whatever length it names', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const socket = await rawSocket(url);
    const end = closed(socket);
    const frame = Buffer.alloc(14 + MAX_BYTES_RECEIVED_BEFORE_INIT, 'x');
    // Text, masked, of 500,000 bytes.
    frame.writeUInt16BE(0x81ff, 0);
    frame.writeBigUInt64BE(500_000n, 2);
    streamOf(socket).write(frame);
    expect((await end).code).toBe(1009);
  });

  it('a message in very many frames closes it', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const socket = await rawSocket(url);
    const end = closed(socket);
    for (let i = 0; i < 1_000; i++) socket.send('x', { fin: false });
    expect((await end).code).toBe(1008);
  });

  it('who does not close it in turn is cut off all the same', async () => {
    const { url } = await open({ socketTimes: { initWithinMs: 50, pingEveryMs: 15_000 } });
    const socket = await rawSocket(url);
    const stream = streamOf(socket);
    // It hears nothing more, so it does not answer that the other end closes.
    stream.removeAllListeners('data');
    const ended = once(stream, 'end');
    stream.resume();
    await ended;
  }, 10_000);

  it('pings without end close it', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const pings = Array.from({ length: MAX_PINGS_PER_MINUTE + 10 }, () => ({ type: 'ping' }));
    expect(await closingOf(socketUrl({ url }), {}, pings)).toEqual({ code: 1008, reason: 'too many pings' });
  });

  it('nothing said closes it', async () => {
    const { url } = await open({ socketTimes: { initWithinMs: 50, pingEveryMs: 15_000 } });
    expect(await closingOf(socketUrl({ url }), {})).toMatchObject({ code: 4408 });
  });

  it.each([
    ['no JSON', '{', 4400],
    ['no message', { type: 'constructor' }, 4400],
    ['an operation', { type: 'subscribe', id: '1', payload: { query: '{ viewer { id } }' } }, 4401],
  ])('%s closes it', async (_what, message, code) => {
    const { url } = await open({ identity: BY_SECRET });
    expect(await closingOf(socketUrl({ url }), {}, [message])).toMatchObject({ code });
  });

  it('frames that are no text, or no frames of a client, close it', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const binary = await rawSocket(url);
    const end = closed(binary);
    binary.send(Buffer.from([0, 255, 128]));
    expect(await end).toMatchObject({ code: 4400 });
    const unmasked = await rawSocket(url);
    const ended = closed(unmasked);
    // A client's frames are masked (RFC 6455, 5.1): this one is not.
    streamOf(unmasked).write(Buffer.from([0x81, 0x02, 0x7b, 0x7d]));
    expect((await ended).code).toBe(1002);
  });

  it('compression is not agreed to, so nothing small unpacks to something large (compression bomb)', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const socket = new WebSocket(socketUrl({ url }), 'graphql-transport-ws', { perMessageDeflate: true });
    opened.push(socket);
    await once(socket, 'open');
    expect(socket.extensions).toBe('');
    const end = closed(socket);
    const { _socket: stream } = socket as unknown as { readonly _socket: Duplex };
    // A frame that says it is compressed all the same: RSV1 is set.
    stream.write(Buffer.from([0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]));
    expect((await end).code).toBe(1002);
  });

  it('another protocol is refused', async () => {
    const { url } = await open();
    const socket = new WebSocket(socketUrl({ url }), 'graphql-ws');
    opened.push(socket);
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('Server sent no subprotocol');
  });
});

describe('once it is known who asks', () => {
  it('a second connection_init closes it', async () => {
    const { url } = await open();
    expect(await closingOf(socketUrl({ url }), {}, [INIT, INIT])).toMatchObject({ code: 4429 });
  });

  it('a small ping comes back whole, and a large one without its payload', async () => {
    const { url } = await open();
    const socket = await initiated(url);
    const answers: string[] = [];
    for (const text of ['small', 'x'.repeat(100_000)]) {
      socket.send(JSON.stringify({ type: 'ping', payload: { text } }));
      answers.push(String((await once(socket, 'message'))[0]));
    }
    expect(answers).toEqual(['{"type":"pong","payload":{"text":"small"}}', '{"type":"pong"}']);
  });

  it("WebSocket's own pings without end close it", async () => {
    const { url } = await open();
    const socket = await initiated(url);
    const end = closed(socket);
    for (let i = 0; i < MAX_PINGS_PER_MINUTE + 10; i += 1) socket.ping('x'.repeat(100));
    expect(await end).toEqual({ code: 1008, reason: 'too many pings' });
  });

  it('subscribe and complete in a loop does not get round the limit of operations', async () => {
    let begun = 0;
    const never = new Promise<never>(() => undefined);
    const { url } = await open({
      resolvers: {
        Query: {
          viewer: () => {
            begun += 1;
            return never;
          },
        },
      },
    });
    const socket = await initiated(url);
    const said: { readonly id: string }[] = [];
    socket.on('message', (message) => said.push(JSON.parse(String(message))));
    for (let i = 0; i < MAX_OPERATIONS_PER_SOCKET + 200; i += 1) {
      socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { id } }' } }));
      socket.send(JSON.stringify({ type: 'complete', id: '1' }));
    }
    socket.send(JSON.stringify({ type: 'subscribe', id: 'last', payload: { query: '{ viewer { id } }' } }));
    await vi.waitFor(() => expect(said.at(-1)?.id).toBe('last'), { timeout: 20_000 });
    // One that is refused before its `complete` has come is told of too.
    for (const message of said) {
      expect(message).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    }
    // They begin one after another, and the refusal may be there before the last of them has.
    await vi.waitFor(() => expect(begun).toBe(MAX_OPERATIONS_PER_SOCKET));
  });

  it('operations that were refused or have ended do not count', async () => {
    const { socket } = await open();
    const client = socket();
    for (let i = 0; i < MAX_OPERATIONS_PER_SOCKET + 1; i += 1) {
      await expect(first(client, '{ nothing }')).rejects.toMatchObject([{ message: expect.any(String) }]);
    }
    expect(await first(client, '{ viewer { id } }')).toMatchObject({ data: {} });
  });

  it('subscriptions that together cost too much at each change are refused', async () => {
    const { socket } = await open({
      resolvers: { Subscription: { customerChanged: { subscribe: () => new LatestQueue(() => undefined) } } },
    });
    const query = `subscription { customerChanged { ${Array.from({ length: 290 }, (_, i) => `a${i}: id`).join(' ')} } }`;
    const refused = vi.fn();
    const client = socket();
    const code = await new Promise((resolve) => {
      for (let i = 0; i < 60; i += 1) {
        client.subscribe(
          { query },
          {
            next: () => undefined,
            complete: () => undefined,
            error: (errors) => {
              refused();
              resolve((errors as { extensions: unknown }[])[0]?.extensions);
            },
          },
        );
      }
    });
    expect(code).toEqual({ code: 'LIMIT_EXCEEDED' });
  });
});
