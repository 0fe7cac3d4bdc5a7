/** Answers that nobody reads: the memory of the process stays bounded, and others are answered. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { socketUrl } from './gateway.service.ts';

const MEGABYTE = 1024 * 1024;
const SCRIPT = fileURLToPath(new URL('./children/serve-large-answers.ts', import.meta.url));
/** Answers 5.8 MB. */
const LARGE = JSON.stringify({
  query: `{ customers(first: 100) { nodes { ${Array.from({ length: 270 }, (_, i) => `n${i}: firstName`).join(' ')} } } }`,
});
const SMALL = JSON.stringify({ query: '{ viewer { id } }' });
/** Time enough for everything that one test does. */
const LONG_MS = 600_000;

let child: ChildProcessByStdio<Writable, Readable, null>;
let lines: Interface;
let url: string;
let port: number;
const sockets: (Socket | WebSocket)[] = [];

/** @param graceMs for how long nobody is cut off to make room for others */
async function start(graceMs: number): Promise<void> {
  child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', SCRIPT, String(graceMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  lines = createInterface({ input: child.stdout });
  ({ url, port } = JSON.parse(String((await once(lines, 'line'))[0])));
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket instanceof WebSocket ? socket.terminate() : socket.destroy();
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
});

async function ask(line: string): Promise<Record<string, number>> {
  const answer = once(lines, 'line');
  child.stdin.write(`${line}\n`);
  return JSON.parse(String((await answer)[0]));
}

const memory = async () => {
  const { used = 0, rss = 0 } = await ask('memory');
  return { used: used / MEGABYTE, rss: rss / MEGABYTE };
};

/** Sends requests over one connection and reads none of the answers. */
async function neverReads(requests: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined).pause();
  await once(socket, 'connect');
  const request =
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${LARGE.length}\r\n\r\n${LARGE}`;
  socket.write(request.repeat(requests));
}

const post = (body: string) =>
  fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

describe('over HTTP', () => {
  it.each([
    ['100 connections that never read', 100, 1],
    ['10 requests on each of 10 connections that never read (pipelining)', 10, 10],
  ])('%s take little memory, and a normal client is answered meanwhile', async (_what, connections, requests) => {
    await start(300);
    const before = await memory();
    // 580 MB of answers; 64 MB may wait.
    await Promise.all(Array.from({ length: connections }, () => neverReads(requests)));
    const most = { used: 0, rss: 0 };
    for (let i = 0; i < 10; i += 1) {
      expect((await post(SMALL)).status).toBe(200);
      const now = await memory();
      most.used = Math.max(most.used, now.used);
      most.rss = Math.max(most.rss, now.rss);
    }
    expect(most.used - before.used).toBeLessThan(200);
    expect(most.rss - before.rss).toBeLessThan(400);
    // Those that have waited longest make room for one who reads.
    await vi.waitFor(async () => expect((await post(LARGE)).status).toBe(200), { timeout: 60_000, interval: 100 });
  });

  it('what finds no room is refused, and told when to come back', async () => {
    await start(LONG_MS);
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(LARGE)));
    const refused = answers.filter(({ status }) => status === 503);
    for (const answer of answers) expect([200, 503]).toContain(answer.status);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    }
    for (const answer of answers) if (!answer.bodyUsed) await answer.text();
  });
});

describe('over a WebSocket', () => {
  it('100,000 changes pass a reader that never reads, and the memory stays as it was', async () => {
    await start(LONG_MS);
    const socket = new WebSocket(socketUrl({ url }), 'graphql-transport-ws');
    sockets.push(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    const query = 'subscription { customerChanged { id firstName } }';
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }));
    await vi.waitFor(async () => expect(await ask('subscribers')).toEqual({ subscribers: 1 }));
    socket.pause();
    const before = await memory();
    // 2 GB pass by, and what is kept of it is the newest of each of the 50 customers.
    const after = await ask('changes 100000');
    expect((after['used'] ?? 0) / MEGABYTE - before.used).toBeLessThan(50);
    expect((after['rss'] ?? 0) / MEGABYTE - before.rss).toBeLessThan(300);
  });
});
