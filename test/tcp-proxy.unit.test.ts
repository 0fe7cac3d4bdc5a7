/** The proxy that the fault tests put in the way: what it holds back, breaks and hands on is what the faults are made of. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Random } from './faults/random.ts';
import { type Protocol, renamed, TcpProxy } from './faults/system/tcp-proxy.ts';

/** What the server has received, piece by piece; it answers in capitals. */
let received: string[];
let server: Server;
let proxy: TcpProxy | undefined;
const sockets: Socket[] = [];

beforeEach(async () => {
  received = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      received.push(String(data));
      socket.write(String(data).toUpperCase());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy?.stop();
  proxy = undefined;
  server.close();
});

async function proxied(protocol?: Protocol): Promise<TcpProxy> {
  const { port } = server.address() as AddressInfo;
  proxy = await TcpProxy.start({ to: `127.0.0.1:${port}`, ...(protocol && { protocol }) });
  return proxy;
}

interface Client {
  readonly socket: Socket;
  /** All that has come back. */
  answers(): string;
}

async function client(to: TcpProxy): Promise<Client> {
  const [host = '', port = ''] = to.address.split(':');
  const socket = connect({ host, port: Number(port) });
  sockets.push(socket);
  socket.on('error', () => undefined);
  let answers = '';
  socket.on('data', (data) => {
    answers += String(data);
  });
  await once(socket, 'connect');
  return { socket, answers: () => answers };
}

/** Waits without a timer: `expect.poll` would move a fake clock on. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Until everything that was sent before has had time to come through the loopback: another connection's round trip. */
async function roundTripBeside(): Promise<void> {
  const beside = await TcpProxy.start({ to: `127.0.0.1:${(server.address() as AddressInfo).port}` });
  const other = await client(beside);
  other.socket.write('beside');
  await until(() => other.answers() === 'BESIDE');
  await beside.stop();
}

describe('a proxy between a client and a server', () => {
  it('hands on what either says, whole and in order', async () => {
    const { socket, answers } = await client(await proxied());
    const text = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join('');
    socket.write(text);
    await expect.poll(() => answers()).toBe(text.toUpperCase());
    expect(received.join('')).toBe(text);
  });

  it('ends the one side when the other ends', async () => {
    const { socket } = await client(await proxied());
    socket.write('hello');
    await expect.poll(() => received).toEqual(['hello']);
    const closed = once(socket, 'close');
    for (const each of sockets) if (each !== socket) each.destroy();
    await closed;
  });

  describe('that is cut', () => {
    it('lets nothing through, tells nobody, and delivers it all once mended', async () => {
      const way = await proxied();
      const { socket, answers } = await client(way);
      way.cut();
      socket.write('held');
      await roundTripBeside();
      expect(received).toEqual(['beside']);
      expect(socket.destroyed).toBe(false);
      way.mend();
      await expect.poll(() => answers()).toBe('HELD');
    });

    it('one way: requests arrive, and answers only once it is mended', async () => {
      const way = await proxied();
      const { socket, answers } = await client(way);
      way.cut(['answers']);
      socket.write('asked');
      await expect.poll(() => received).toEqual(['asked']);
      await roundTripBeside();
      expect(answers()).toBe('');
      way.mend();
      await expect.poll(() => answers()).toBe('ASKED');
    });

    it('holds back a new connection too', async () => {
      const way = await proxied();
      way.cut(['requests']);
      const { socket, answers } = await client(way);
      socket.write('new');
      await roundTripBeside();
      expect(received).toEqual(['beside']);
      way.mend();
      await expect.poll(() => answers()).toBe('NEW');
    });
  });

  describe('in bad weather', () => {
    it('delays what it hands on, by the delay and at most the jitter, and keeps the order when it clears up', async () => {
      const way = await proxied();
      const { socket, answers } = await client(way);
      vi.useFakeTimers({ toFake: ['setTimeout', 'Date'] });
      way.worsen({ delayMs: 200, jitterMs: 100, breaks: 0, random: new Random(1) });
      socket.write('first ');
      await until(() => vi.getTimerCount() === 1);
      way.clearUp();
      socket.write('second');
      vi.advanceTimersByTime(199);
      await roundTripBeside();
      expect(received).toEqual(['beside']);
      vi.advanceTimersByTime(101);
      await until(() => answers() === 'FIRST SECOND');
    });

    it('breaks the connection at a piece of data that it loses, on both sides', async () => {
      const way = await proxied();
      const { socket } = await client(way);
      await expect.poll(() => sockets.length).toBe(2);
      way.worsen({ delayMs: 0, jitterMs: 0, breaks: 1, random: new Random(1) });
      const closed = Promise.all(sockets.map((each) => once(each, 'close')));
      socket.write('lost');
      await closed;
      expect(received).toEqual([]);
    });
  });

  describe('with a protocol', () => {
    /** A frame: one byte that tells the length of what follows, itself included. */
    const frameLength = (start: Buffer) => start[0];
    const frame = (text: string) => Buffer.concat([Buffer.of(text.length + 1), Buffer.from(text)]);

    it('hands on whole frames however they were cut up, and none that it swallows', async () => {
      const seen: string[] = [];
      const way = await proxied({
        frameLength,
        connection: () => ({
          requests: (each, forward) => {
            seen.push(String(each.subarray(1)));
            if (!seen.at(-1)?.startsWith('no')) forward();
          },
          answers: (_each, forward) => forward(),
        }),
      });
      const { socket } = await client(way);
      const bytes = Buffer.concat(['one', 'not this', 'three'].map(frame));
      for (const byte of bytes) {
        socket.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await expect.poll(() => seen).toEqual(['one', 'not this', 'three']);
      await expect.poll(() => received.join('')).toBe(Buffer.concat(['one', 'three'].map(frame)).toString());
    });
  });
});

describe('an answer in which servers are renamed', () => {
  it('names the proxies wherever it named servers, and is as long as before', () => {
    const answer = Buffer.from('a:1001,b:1002,a:1001');
    renamed(answer, new Map([[Buffer.from('a:1001'), Buffer.from('a:2001')]]));
    expect(String(answer)).toBe('a:2001,b:1002,a:2001');
  });

  it('is not tried with names of another length', () => {
    const names = new Map([[Buffer.from('a:1'), Buffer.from('a:10')]]);
    expect(() => renamed(Buffer.from('a:1'), names)).toThrow('not as long as each other');
  });
});
