/**
 * A TCP proxy on one way from a client to a server: it can cut the way, or one direction of it, make it slow, and break its
 * connections. With a protocol it hands on whole frames, which the protocol may change, hold back or swallow.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '../random.ts';

export type Direction = 'requests' | 'answers';

/** Hands a frame on; whoever does not call it has swallowed the frame. */
export type OnFrame = (frame: Buffer, forward: () => void) => void;

export interface Protocol {
  /** The whole length of the frame that begins here; undefined while too little of it is there to tell. */
  frameLength(start: Buffer): number | undefined;
  /** Called for each new connection. */
  connection(): Readonly<Record<Direction, OnFrame>>;
}

export interface Weather {
  /** Everything comes so much later, ms … */
  readonly delayMs: number;
  /** … and up to so much beside that, by chance. */
  readonly jitterMs: number;
  /** How likely each piece of data breaks its connection. */
  readonly breaks: number;
  readonly random: Random;
}

export interface ProxyOptions {
  /** `host:port` of the server. */
  readonly to: string;
  /** Where it listens. Default: a free port of the loopback address. */
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: Protocol;
}

export class TcpProxy {
  /** `host:port` for clients. */
  readonly address: string;
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, Direction>();
  #cut: readonly Direction[] = [];
  #weather: Weather | undefined;

  private constructor(options: ProxyOptions, address: string, server: Server) {
    this.#options = options;
    this.address = address;
    this.#server = server;
    server.on('connection', (client: Socket) => this.#connect(client));
  }

  static async start(options: ProxyOptions): Promise<TcpProxy> {
    const server = createServer({ noDelay: true });
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
    return new TcpProxy(options, `${address.address}:${address.port}`, server);
  }

  /** Nothing goes through any more, and nobody is told, until it is mended. */
  cut(directions: readonly Direction[] = ['requests', 'answers']): void {
    this.#cut = directions;
    for (const [socket, direction] of this.#sockets) if (directions.includes(direction)) socket.pause();
  }

  worsen(weather: Weather): void {
    this.#weather = weather;
  }

  clearUp(): void {
    this.#weather = undefined;
  }

  /** What was on its way while it was cut arrives now, as after a long pause of the network. */
  mend(): void {
    this.#cut = [];
    for (const socket of this.#sockets.keys()) socket.resume();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed;
  }

  #connect(client: Socket): void {
    const { to, protocol } = this.#options;
    const [host = '', port = ''] = to.split(':');
    const server = connect({ host, port: Number(port), noDelay: true });
    const on = protocol?.connection();
    this.#relay(client, server, 'requests', on?.requests);
    this.#relay(server, client, 'answers', on?.answers);
  }

  #relay(from: Socket, to: Socket, direction: Direction, onFrame: OnFrame | undefined): void {
    this.#sockets.set(from, direction);
    if (this.#cut.includes(direction)) from.pause();
    const deliver = this.#delivery(from, to);
    const frames = onFrame && this.#frames((frame) => onFrame(frame, () => deliver(frame)));
    from.on('data', frames ?? deliver);
    from.on('error', () => undefined);
    from.once('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #frames(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
    let rest: Buffer = Buffer.alloc(0);
    return (chunk) => {
      let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        const length = this.#options.protocol?.frameLength(data);
        if (length === undefined || data.length < length) break;
        onFrame(data.subarray(0, length));
        data = data.subarray(length);
      }
      rest = data;
    };
  }

  /** Writes in order, as late as the weather says. */
  #delivery(from: Socket, to: Socket): (data: Buffer) => void {
    const late: { readonly due: number; readonly data: Buffer }[] = [];
    const write = (data: Buffer) => void (to.writable && to.write(data));
    const next = () => {
      const now = Date.now();
      while (late[0] !== undefined && late[0].due <= now) write(late.shift()?.data ?? Buffer.alloc(0));
      if (late[0] !== undefined) setTimeout(next, late[0].due - now);
    };
    return (data) => {
      const weather = this.#weather;
      if (weather?.random.chance(weather.breaks)) {
        from.destroy();
        return;
      }
      const wait = weather === undefined ? 0 : weather.delayMs + weather.random.next() * weather.jitterMs;
      if (wait === 0 && late.length === 0) return write(data);
      late.push({ due: Math.max(Date.now() + wait, late.at(-1)?.due ?? 0), data });
      if (late.length === 1) setTimeout(next, wait);
    };
  }
}

/**
 * Replaces servers' addresses in an answer by those of the proxies before them, where clients would go next. Nothing else moves,
 * because both are as long as each other.
 */
export function renamed(frame: Buffer, names: ReadonlyMap<Buffer, Buffer>): void {
  for (const [from, to] of names) {
    if (from.length !== to.length) throw new Error(`${from} and ${to} are not as long as each other`);
    for (let at = frame.indexOf(from); at >= 0; at = frame.indexOf(from, at + 1)) to.copy(frame, at);
  }
}
