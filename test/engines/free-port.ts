/** Loopback ports for servers that must be found at the same port again when they are started again. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that Linux and macOS give to whoever asks for any, for outgoing connections too: a port of theirs that is free
 * now may be somebody's by the time its server starts, or starts again.
 */
const FIRST = 10_000;
const LAST = 29_999;

const given = new Set<number>();

/** So many different ports that nobody listens on, and that this process has not given before. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > LAST - FIRST) throw new Error(`no free port between ${FIRST} and ${LAST}`);
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((done) => server.close(done));
  }
}
