/**
 * One process's ways to the brokers, a proxy before each. They know Kafka's frames well enough to interfere with the end of
 * transactions, whichever broker is asked for it: they can hold back or swallow the answer to EndTxn, and tell when one is asked for.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Protocol, renamed, TcpProxy } from './tcp-proxy.ts';

const PRODUCE = 0;
const METADATA = 3;
const FIND_COORDINATOR = 10;
const END_TXN = 26;
const DESCRIBE_CLUSTER = 60;
/** Answers that name brokers. */
const NAMES_BROKERS = new Set([METADATA, FIND_COORDINATOR, DESCRIBE_CLUSTER]);

/** What becomes of the next answer to EndTxn: it comes so many ms late, or never. Or: what to do when one is asked for. */
export type EndTxnFault =
  | { readonly delayMs: number }
  | { readonly drop: true }
  | { readonly asked: (forward: () => void) => void };

/** In the middle of a transaction: before its records are written, or before it is ended. */
export type Middle = 'before its records' | 'before its end';

export class KafkaWays {
  /** In the order of the brokers. */
  readonly proxies: TcpProxy[] = [];
  readonly #names = new Map<Buffer, Buffer>();
  #fault: { readonly fault: EndTxnFault; struck(): void } | undefined;
  /** Requests that are held up at present, and go on when called. */
  #heldUp: { readonly api: number; readonly held: (() => void)[] } | undefined;

  private constructor() {}

  static async to(brokers: readonly string[]): Promise<KafkaWays> {
    const ways = new KafkaWays();
    for (const broker of brokers) {
      const proxy = await TcpProxy.start({ to: broker, protocol: ways.#protocol() });
      ways.proxies.push(proxy);
      ways.#names.set(named(broker), named(proxy.address));
    }
    return ways;
  }

  /** `host:port` of each, for the process. */
  get brokers(): string {
    return this.proxies.map(({ address }) => address).join();
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

  /** Transactions stand still in their middle for so long; then they go on. */
  async holdUpTransactions(middle: Middle, ms: number): Promise<number> {
    const held: (() => void)[] = [];
    this.#heldUp = { api: middle === 'before its end' ? END_TXN : PRODUCE, held };
    await pause(ms);
    this.#heldUp = undefined;
    for (const goOn of held) goOn();
    return held.length;
  }

  #protocol(): Protocol {
    return {
      frameLength: (start) => (start.length < 4 ? undefined : 4 + start.readInt32BE(0)),
      connection: () => {
        /** Correlation ids of the requests under way whose answers are of interest. */
        const asked = new Map<number, number>();
        return {
          requests: (frame, forward) => {
            const [api, correlation] = [frame.readInt16BE(4), frame.readInt32BE(8)];
            if (NAMES_BROKERS.has(api) || api === END_TXN) asked.set(correlation, api);
            if (api === this.#heldUp?.api) return void this.#heldUp.held.push(forward);
            const held = this.#fault;
            if (api !== END_TXN || held === undefined || !('asked' in held.fault)) return forward();
            held.struck();
            held.fault.asked(forward);
          },
          answers: (frame, forward) => {
            const correlation = frame.readInt32BE(4);
            const api = asked.get(correlation);
            asked.delete(correlation);
            if (api !== undefined && NAMES_BROKERS.has(api)) renamed(frame, this.#names);
            const held = this.#fault;
            if (api !== END_TXN || held === undefined || 'asked' in held.fault) return forward();
            held.struck();
            if ('delayMs' in held.fault) setTimeout(forward, held.fault.delayMs);
          },
        };
      },
    };
  }
}

/** As brokers are named in answers of every version: the host's text, and the port in four bytes. */
function named(address: string): Buffer {
  const [host = '', port = ''] = address.split(':');
  const number = Buffer.alloc(4);
  number.writeInt32BE(Number(port));
  return Buffer.concat([Buffer.from(host), number]);
}
