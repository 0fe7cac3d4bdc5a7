/** Users who watch all of their own transactions for as long as the run takes, and come back when they are cut off. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Watch, Watcher } from '../history.ts';
import type { Random } from '../random.ts';
import { COME_AGAIN, type Gateway, type GatewayClient, RequestFailed } from './gateway-client.ts';

const TRANSACTIONS = 'subscription { transactions { id status issuedBy steps { name } } }';
/** A user does something every second; who hears nothing for so long is cut off. */
const SILENCE_MS = 15_000;
/** How long after the last answer news may still come. */
const REST_MS = 3000;

export class Watching {
  readonly watcher: Watcher;
  readonly #client: GatewayClient;
  readonly #gateways: readonly Gateway[];
  readonly #random: Random;
  /** Of the same transaction many times; kept once. */
  readonly #ids = new Map<string, string>();
  readonly #ended: Promise<void>;
  #resting = false;
  #stopped = false;

  constructor(client: GatewayClient, gateways: readonly Gateway[], random: Random) {
    this.#client = client;
    this.#gateways = gateways;
    this.#random = random;
    this.watcher = { user: client.user, watches: [] };
    this.#ended = this.#run();
  }

  /** Everything has been answered: what is yet to be told is on its way. Resolves when it has been heard. */
  async rest(): Promise<void> {
    this.#resting = true;
    await pause(REST_MS);
    this.#stopped = true;
    this.#client.close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const gateway = this.#random.pick(this.#gateways);
      const now = Date.now();
      const told: Watch['told'] = [];
      const watch: Watch = {
        gateway: gateway.name,
        askedAt: now,
        liveAt: undefined,
        endedAt: now,
        end: 'broken',
        told,
      };
      this.watcher.watches.push(watch);
      await this.#watch(gateway, watch);
      watch.endedAt = Date.now();
      if (!this.#stopped) await pause(this.#random.int(50, 500));
    }
  }

  async #watch(gateway: Gateway, watch: Watch): Promise<void> {
    try {
      for await (const data of this.#client.subscribe(gateway, TRANSACTIONS, {}, SILENCE_MS)) {
        const { id, status, issuedBy, steps } = data.transactions;
        const at = Date.now();
        watch.liveAt ??= at;
        watch.told.push({ at, transactionId: this.#id(id), status, issuedBy: this.#id(issuedBy), steps: steps.length });
      }
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (!COME_AGAIN.has(error.code)) watch.end = { refused: `${error.code}: ${error.message}` };
    }
    // One that was broken off while resting has not heard all that there was.
    if (this.#stopped && this.#resting && typeof watch.end === 'string') watch.end = 'rested';
  }

  #id(text: string): string {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, text);
    return text;
  }
}
