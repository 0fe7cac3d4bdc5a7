/**
 * The workload: clients that act concurrently, each one operation after another, over whichever gateway answers. A request
 * without an answer is unknown and is sent again with the same key, until one of the gateways acknowledges it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { TRANSACTION } from '../../e2e/operations.ts';
import type { AggregateName, Attempt, Listening, Operation, Reading, Receipt, Subscription } from '../history.ts';
import { Random } from '../random.ts';
import { type Gateway, GatewayClient, RequestFailed, tokenOf } from './gateway-client.ts';
import { MUTATIONS, Shop, type Wish } from './shop.ts';

export interface WorkloadOptions {
  readonly gateways: readonly Gateway[];
  readonly clients: number;
  /** Operations a second that all of them together begin, as long as they are answered. */
  readonly rate: number;
  readonly seed: number;
}

/** What clients asked and saw; grows as the run goes on. */
export interface Observations {
  readonly operations: Operation[];
  readonly subscriptions: Subscription[];
  readonly readings: Reading[];
}

const USERS = 8;
/** Of one client: when so many transactions have not ended, it waits. */
const MOST_FOLLOWED = 150;
const REQUEST_TIMEOUT_MS = 8000;
const SILENCE_MS = 12_000;
/** How often a client … */
const SENDS_TWICE_AT_ONCE = 0.04;
const REPEATS_WHAT_WAS_ACKNOWLEDGED = 0.04;
const IS_IMPATIENT = 0.03;
const FOLLOWS = 0.6;
const HANGS_UP = 0.1;
const CANCELS_AT_ONCE = 0.2;
const READS = 0.6;

const READ: Readonly<Record<AggregateName, string>> = {
  customers: 'query ($id: ID!, $reflecting: ID!) { shown: customer(id: $id, reflecting: $reflecting) { version } }',
  products: 'query ($id: ID!, $reflecting: ID!) { shown: product(id: $id, reflecting: $reflecting) { version } }',
  purchases: 'query ($id: ID!, $reflecting: ID!) { shown: purchase(id: $id, reflecting: $reflecting) { version } }',
};

/** The system's answer that it cannot answer now; what is asked is asked again. */
const COME_AGAIN = new Set(['NO_ANSWER', 'UNAVAILABLE']);

export class Workload {
  readonly seen: Observations = { operations: [], subscriptions: [], readings: [] };
  readonly #options: WorkloadOptions;
  readonly #shop: Shop;
  readonly #clients: GatewayClient[] = [];
  /** Subscriptions and readings that nobody waits for. */
  readonly #beside = new Set<Promise<void>>();
  #stopping = false;
  #givenUp = false;
  #keys = 0;
  acknowledged = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#shop = new Shop(new Random(options.seed));
  }

  /** Resolves once the shop is open, with everything running; `ended` once all clients are done. */
  async start(): Promise<{ readonly ended: Promise<void> }> {
    const tokens = await Promise.all(Array.from({ length: USERS }, (_, i) => tokenOf(`user-${i}`)));
    for (let i = 0; i < this.#options.clients; i++) {
      this.#clients.push(new GatewayClient(`user-${i % USERS}`, tokens[i % USERS] ?? ''));
    }
    const random = new Random(this.#options.seed + 1);
    const [first] = this.#clients;
    if (first === undefined) throw new Error('a workload needs clients');
    await Promise.all(this.#shop.opening().map((wish) => this.#performAndFollow(first, random, wish)));
    const acting = this.#clients.map((client, i) => this.#act(client, new Random(this.#options.seed + 100 + i)));
    return { ended: Promise.all(acting).then(() => this.#settled()) };
  }

  /** No new operations; those begun are brought to their end. */
  stop(): void {
    this.#stopping = true;
  }

  /** Nothing is sent any more, answered or not. */
  giveUp(): void {
    this.#givenUp = true;
    for (const client of this.#clients) client.close();
  }

  async #act(client: GatewayClient, random: Random): Promise<void> {
    const everyMs = (1000 * this.#options.clients) / this.#options.rate;
    const following = new Set<Promise<void>>();
    for (let due = Date.now() + random.int(0, everyMs); !this.#stopping; due += everyMs) {
      // After an outage it goes on at its pace; what it would have done meanwhile is not made up for.
      due = Math.max(due, Date.now());
      await pause(due - Date.now());
      const wish = this.#shop.next();
      const receipt = await this.#perform(client, random, wish);
      if (receipt === undefined || !random.chance(FOLLOWS)) continue;
      const follow: Promise<void> = this.#follow(client, random, receipt, wish).then(
        () => void following.delete(follow),
      );
      following.add(follow);
      this.#goBeside(follow);
      if (following.size >= MOST_FOLLOWED) await Promise.race(following);
    }
  }

  async #settled(): Promise<void> {
    while (this.#beside.size > 0) await Promise.all(this.#beside);
    for (const client of this.#clients) client.close();
  }

  async #performAndFollow(client: GatewayClient, random: Random, wish: Wish): Promise<void> {
    const receipt = await this.#perform(client, random, wish);
    if (receipt !== undefined) await this.#follow(client, random, receipt, wish);
  }

  /** @returns undefined when it was refused, or given up */
  async #perform(client: GatewayClient, random: Random, wish: Wish): Promise<Receipt | undefined> {
    const { command, input } = wish;
    const key = `${this.#options.seed}-${this.#keys++}`;
    const operation: Operation = { key, user: client.user, command, input, attempts: [] };
    this.seen.operations.push(operation);
    const receipt = await this.#untilAcknowledged(client, random, operation);
    if (receipt === undefined) return undefined;
    this.acknowledged++;
    this.#shop.acknowledged(wish, receipt.id);
    if (command === 'placePurchase' && random.chance(CANCELS_AT_ONCE)) {
      const cancel: Wish = { command: 'cancelPurchase', input: { purchaseId: receipt.id } };
      this.#goBeside(this.#performAndFollow(client, random, cancel));
    }
    if (random.chance(REPEATS_WHAT_WAS_ACKNOWLEDGED)) this.#goBeside(this.#send(client, random, operation));
    return receipt;
  }

  #goBeside(work: Promise<unknown>): void {
    const going: Promise<void> = work.then(() => void this.#beside.delete(going));
    this.#beside.add(going);
  }

  /** @returns undefined when it was refused, or given up */
  async #untilAcknowledged(client: GatewayClient, random: Random, operation: Operation): Promise<Receipt | undefined> {
    for (let wait = 50; !this.#givenUp; wait = Math.min(wait * 2, 1000)) {
      const times = random.chance(SENDS_TWICE_AT_ONCE) ? 2 : 1;
      const sent = Array.from({ length: times }, () => this.#send(client, random, operation));
      const attempts = await Promise.all(sent);
      const answered = attempts.find(({ outcome }) => outcome !== 'unknown');
      if (answered !== undefined) return answered.receipt;
      await pause(random.int(wait / 2, wait));
    }
    return undefined;
  }

  async #send(client: GatewayClient, random: Random, operation: Operation): Promise<Attempt> {
    const gateway = random.pick(this.#options.gateways);
    const { command, input, key } = operation;
    const timeoutMs = random.chance(IS_IMPATIENT) ? random.int(1, 30) : REQUEST_TIMEOUT_MS;
    const invokedAt = Date.now();
    const outcome = await this.#outcomeOf(async () => {
      const mutation = MUTATIONS[command as Wish['command']];
      const data = await client.request(gateway, mutation, { input: { ...input, idempotencyKey: key } }, timeoutMs);
      return { transactionId: String(data.done.transactionId), id: String(data.done.id) };
    });
    const attempt: Attempt = { invokedAt, endedAt: Date.now(), gateway: gateway.name, ...outcome };
    operation.attempts.push(attempt);
    return attempt;
  }

  async #outcomeOf(send: () => Promise<Receipt>): Promise<Pick<Attempt, 'outcome' | 'detail' | 'receipt'>> {
    try {
      return { outcome: 'acknowledged', receipt: await send() };
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const detail = `${error.code}: ${error.message}`;
      return { outcome: error.code === 'BAD_USER_INPUT' ? 'refused' : 'unknown', detail };
    }
  }

  /** Follows the transaction to its end, over as many connections as it takes, and then may read what it did. */
  async #follow(client: GatewayClient, random: Random, receipt: Receipt, { command }: Wish): Promise<void> {
    const aggregate = aggregateOf(command);
    const subscription: Subscription = { user: client.user, transactionId: receipt.transactionId, listenings: [] };
    this.seen.subscriptions.push(subscription);
    while (!this.#givenUp) {
      const listening = await this.#listen(client, random, receipt.transactionId);
      subscription.listenings.push(listening);
      const last = listening.seen.at(-1);
      if (last?.status === 'REJECTED') return;
      if (last?.status === 'COMPLETED') {
        const { entityVersion } = last;
        if (entityVersion !== null && random.chance(READS)) {
          const { transactionId, id: entityId } = receipt;
          await this.#read(client, random, { transactionId, aggregate, entityId, entityVersion });
        }
        return;
      }
      await pause(random.int(10, 300));
    }
  }

  async #listen(client: GatewayClient, random: Random, transactionId: string): Promise<Listening> {
    const gateway = random.pick(this.#options.gateways);
    const hangsUp = random.chance(HANGS_UP);
    const seen: Listening['seen'] = [];
    const listening = (end: Listening['end']): Listening => ({ gateway: gateway.name, seen, end });
    try {
      for await (const data of client.subscribe(gateway, TRANSACTION, { id: transactionId }, SILENCE_MS)) {
        const { status, steps, entityVersion } = data.transaction;
        seen.push({ at: Date.now(), status, steps: steps.length, entityVersion });
        if (hangsUp) return listening('broken');
      }
      return listening('completed');
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      return listening(COME_AGAIN.has(error.code) ? 'broken' : { refused: `${error.code}: ${error.message}` });
    }
  }

  async #read(client: GatewayClient, random: Random, of: Omit<Reading, 'shown' | 'gateway'>): Promise<void> {
    const { transactionId, aggregate, entityId: id } = of;
    while (!this.#givenUp) {
      const gateway = random.pick(this.#options.gateways);
      try {
        const variables = { id, reflecting: transactionId };
        const { shown } = await client.request(gateway, READ[aggregate], variables, REQUEST_TIMEOUT_MS);
        this.seen.readings.push({ ...of, gateway: gateway.name, shown: shown === null ? null : Number(shown.version) });
        return;
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        if (!COME_AGAIN.has(error.code)) {
          const refused = `${error.code}: ${error.message}`;
          this.seen.readings.push({ ...of, gateway: gateway.name, shown: { refused } });
          return;
        }
      }
      await pause(random.int(20, 300));
    }
  }
}

function aggregateOf(command: string): AggregateName {
  if (command.endsWith('Customer')) return 'customers';
  return command.endsWith('Product') ? 'products' : 'purchases';
}
