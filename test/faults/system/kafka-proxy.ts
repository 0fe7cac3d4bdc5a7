/**
 * A TCP proxy between one process and the broker, which knows Kafka's frames well enough to interfere with the end of
 * transactions: it can hold back or swallow the answer to EndTxn, tell when one is asked for, or cut everything.
 *
 * Answers name the broker's own port, where clients would go next; it is replaced by the proxy's, which is as long.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const METADATA = 3;
const FIND_COORDINATOR = 10;
const ADD_OFFSETS_TO_TXN = 25;
const END_TXN = 26;
const DESCRIBE_CLUSTER = 60;
/** Answers that name brokers. */
const NAMES_BROKERS = new Set([METADATA, FIND_COORDINATOR, DESCRIBE_CLUSTER]);

/** What becomes of the next answer to EndTxn: it comes so many ms late, or never. Or: what to do when one is asked for. */
export type EndTxnFault =
  | { readonly delayMs: number }
  | { readonly drop: true }
  | { readonly asked: (forward: () => void) => void };

export class KafkaProxy {
  readonly port: number;
  readonly #brokerPort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #fault: { readonly fault: EndTxnFault; struck(): void } | undefined;
  #cut = false;
  /** Requests in the middle of transactions that are held up at present, and go on when called. */
  #heldUp: (() => void)[] | undefined;

  private constructor(brokerPort: number, port: number, server: Server) {
    this.#brokerPort = brokerPort;
    this.port = port;
    this.#server = server;
    server.on('connection', (client: Socket) => this.#connect(client));
  }

  static async start(broker: string): Promise<KafkaProxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
    return new KafkaProxy(Number(broker.split(':')[1]), address.port, server);
  }

  /** Meets the next EndTxn with a fault. Resolves when it has struck; false when none came in time. */
  strikeEndTxn(fault: EndTxnFault, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (struck: boolean) => {
        clearTimeout(timer);
        this.#fault = undefined;
        resolve(struck);
      };
      const timer = setTimeout(() => done(false), withinMs);
      this.#fault = { fault, struck: () => done(true) };
    });
  }

  /** Transactions stand still in their middle for so long, between what they wrote and their position; then they go on. */
  async holdUpTransactions(ms: number): Promise<number> {
    const held: (() => void)[] = [];
    this.#heldUp = held;
    await pause(ms);
    this.#heldUp = undefined;
    for (const goOn of held) goOn();
    return held.length;
  }

  /** Nothing goes through any more, in either direction, and nobody is told; until it is mended. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was on its way arrives now, as after a long pause of the network. */
  mend(): void {
    this.#cut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connect(client: Socket): void {
    const broker = connect({ host: '127.0.0.1', port: this.#brokerPort, noDelay: true });
    /** Correlation ids of the requests under way whose answers are of interest. */
    const asked = new Map<number, number>();
    this.#relay(client, broker, (frame, forward) => {
      const [api, correlation] = [frame.readInt16BE(4), frame.readInt32BE(8)];
      if (NAMES_BROKERS.has(api) || api === END_TXN) asked.set(correlation, api);
      if (api === ADD_OFFSETS_TO_TXN && this.#heldUp !== undefined) return void this.#heldUp.push(forward);
      const held = this.#fault;
      if (api !== END_TXN || held === undefined || !('asked' in held.fault)) return forward();
      held.struck();
      held.fault.asked(forward);
    });
    this.#relay(broker, client, (frame, forward) => {
      const correlation = frame.readInt32BE(4);
      const api = asked.get(correlation);
      asked.delete(correlation);
      if (api !== undefined && NAMES_BROKERS.has(api)) this.#renameBroker(frame);
      const held = this.#fault;
      if (api !== END_TXN || held === undefined || 'asked' in held.fault) return forward();
      held.struck();
      if ('delayMs' in held.fault) setTimeout(forward, held.fault.delayMs);
    });
  }

  /** Hands on whole frames: four bytes of length, and so many of content. */
  #relay(from: Socket, to: Socket, onFrame: (frame: Buffer, forward: () => void) => void): void {
    this.#sockets.add(from);
    if (this.#cut) from.pause();
    let rest: Buffer = Buffer.alloc(0);
    from.on('data', (chunk: Buffer) => {
      let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (data.length >= 4 && data.length >= 4 + data.readInt32BE(0)) {
        const frame = data.subarray(0, 4 + data.readInt32BE(0));
        data = data.subarray(frame.length);
        onFrame(frame, () => void (to.writable && to.write(frame)));
      }
      rest = data;
    });
    from.on('error', () => undefined);
    from.once('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #renameBroker(frame: Buffer): void {
    const name = Buffer.alloc(4);
    name.writeInt32BE(this.#brokerPort);
    const old = Buffer.concat([Buffer.from('127.0.0.1'), name]);
    for (let at = frame.indexOf(old); at >= 0; at = frame.indexOf(old, at + 1)) {
      frame.writeInt32BE(this.port, at + old.length - 4);
    }
  }
}
