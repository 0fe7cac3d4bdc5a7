/**
 * The workload: clients that act concurrently, each one operation after another, over whichever gateway answers. A request
 * without an answer is unknown and is sent again with the same key, until one of the gateways acknowledges it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { BackOff } from '../../../waiting/back-off.ts';
import { TRANSACTION } from '../../e2e/operations.ts';
import type { Attempt, Listening, Operation, Reading, Receipt, Subscription, Watcher } from '../history.ts';
import { Random } from '../random.ts';
import { COME_AGAIN, type Gateway, GatewayClient, type OnFailure, RequestFailed, tokenOf } from './gateway-client.ts';
import { aggregateOf, entitiesIn, READ, type ReadAggregate } from './reading.ts';
import { MUTATIONS, Shop, type Wish } from './shop.ts';
import { Watching } from './watching.ts';

export interface WorkloadOptions {
  readonly gateways: readonly Gateway[];
  readonly clients: number;
  /** Operations a second that all of them together begin, as long as they are answered. */
  readonly rate: number;
  readonly seed: number;
  /** How long a client waits for an answer, ms. Default 8,000. */
  readonly patienceMs?: number;
  readonly onFailure?: OnFailure;
}

/** What clients asked and saw; grows as the run goes on. */
export interface Observations {
  readonly operations: Operation[];
  readonly subscriptions: Subscription[];
  readonly readings: Reading[];
  readonly watchers: Watcher[];
}

const USERS = 8;
/** Of one client: when so many transactions have not ended, it waits. */
const MOST_FOLLOWED = 150;
const PATIENCE_MS = 8000;
const SILENCE_MS = 12_000;
/** How often a client … */
const SENDS_TWICE_AT_ONCE = 0.04;
const REPEATS_WHAT_WAS_ACKNOWLEDGED = 0.04;
const IS_IMPATIENT = 0.03;
const FOLLOWS = 0.6;
const HANGS_UP = 0.1;
const CANCELS_AT_ONCE = 0.2;
const READS = 0.6;
const REUSES_A_KEY = 0.02;
const USES_A_KEY_TWICE_AT_ONCE = 0.02;
const LOOKS_BACK = 0.05;
const IS_A_NEWCOMER = 0.03;
/** Of the transactions that may be looked at again, ms and how many are known. */
const OLD_MS = 45_000;
const MOST_KNOWN = 2000;

/** The gateway's last word: sent again, it would say the same. */
const REFUSED = new Set(['BAD_USER_INPUT', 'IDEMPOTENCY_KEY_REUSED']);

export class Workload {
  readonly seen: Observations = { operations: [], subscriptions: [], readings: [], watchers: [] };
  readonly #options: WorkloadOptions;
  readonly #patienceMs: number;
  readonly #shop: Shop;
  readonly #clients: GatewayClient[] = [];
  readonly #watching: Watching[] = [];
  /** What ended, the oldest first. */
  readonly #past: { readonly user: string; readonly at: number; readonly wish: Wish; readonly receipt: Receipt }[] = [];
  /** Subscriptions and readings that nobody waits for. */
  readonly #beside = new Set<Promise<void>>();
  #stopping = false;
  #givenUp = false;
  #keys = 0;
  acknowledged = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.#shop = new Shop(new Random(options.seed));
  }

  /** Resolves once the shop is open, with everything running; `ended` once all clients are done. */
  async start(): Promise<{ readonly ended: Promise<void> }> {
    const tokens = await Promise.all(Array.from({ length: USERS }, (_, i) => tokenOf(`user-${i}`)));
    for (let i = 0; i < this.#options.clients; i++) {
      this.#clients.push(this.#clientOf(i % USERS, tokens));
    }
    const random = new Random(this.#options.seed + 1);
    const [first] = this.#clients;
    if (first === undefined) throw new Error('a workload needs clients');
    for (let i = 0; i < 2 * USERS; i++) {
      const watcher = this.#clientOf(i % USERS, tokens);
      const watching = new Watching(watcher, this.#options.gateways, new Random(this.#options.seed + 50 + i));
      this.#watching.push(watching);
      this.seen.watchers.push(watching.watcher);
    }
    await Promise.all(this.#shop.opening().map((wish) => this.#performAndFollow(first, random, wish)));
    const acting = this.#clients.map((client, i) => this.#act(client, new Random(this.#options.seed + 100 + i)));
    return { ended: Promise.all(acting).then(() => this.#settled()) };
  }

  #clientOf(user: number, tokens: readonly string[]): GatewayClient {
    return new GatewayClient(`user-${user}`, tokens[user] ?? '', this.#options.onFailure);
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
      if (random.chance(LOOKS_BACK)) this.#goBeside(this.#lookBack(client, random));
      if (random.chance(IS_A_NEWCOMER)) this.#goBeside(this.#comeAndGo(client, random));
      const wish = this.#shop.next();
      if (random.chance(USES_A_KEY_TWICE_AT_ONCE)) this.#goBeside(this.#sendTwoBodies(client, random, wish));
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
    await Promise.all(this.#watching.map((watching) => watching.rest()));
    for (const client of this.#clients) client.close();
  }

  /** Follows it to its end, and reads what it did; whether there was one that COMPLETED. */
  async #performAndFollow(client: GatewayClient, random: Random, wish: Wish): Promise<Receipt | undefined> {
    const receipt = await this.#perform(client, random, wish);
    if (receipt === undefined) return undefined;
    return (await this.#follow(client, random, receipt, wish)) === 'COMPLETED' ? receipt : undefined;
  }

  /** @returns undefined when it was refused, or given up */
  async #perform(client: GatewayClient, random: Random, wish: Wish): Promise<Receipt | undefined> {
    const operation = this.#begin(client, wish);
    const receipt = await this.#untilAcknowledged(client, random, operation);
    if (receipt === undefined) return undefined;
    this.#note(wish, receipt);
    if (wish.command === 'placePurchase' && random.chance(CANCELS_AT_ONCE)) {
      const cancel: Wish = { command: 'cancelPurchase', input: { purchaseId: receipt.id } };
      this.#goBeside(this.#performAndFollow(client, random, cancel));
    }
    if (random.chance(REPEATS_WHAT_WAS_ACKNOWLEDGED)) this.#goBeside(this.#send(client, random, operation));
    if (random.chance(REUSES_A_KEY)) this.#goBeside(this.#reuse(client, random, operation, wish));
    return receipt;
  }

  #begin({ user }: GatewayClient, { command, input }: Wish, key = `${this.#options.seed}-${this.#keys++}`): Operation {
    const operation: Operation = { key, user, command, input, attempts: [] };
    this.seen.operations.push(operation);
    return operation;
  }

  #note(wish: Wish, receipt: Receipt): void {
    this.acknowledged++;
    this.#shop.acknowledged(wish, receipt.id);
  }

  /** Sends another body under a key that was used before. */
  async #reuse(client: GatewayClient, random: Random, { key }: Operation, wish: Wish): Promise<void> {
    const other = this.#shop.otherBody(wish);
    const receipt = await this.#untilAcknowledged(client, random, this.#begin(client, other, key));
    if (receipt === undefined) return;
    this.#note(other, receipt);
    await this.#follow(client, random, receipt, other);
  }

  /** Two bodies under one key at the same instant, each through a gateway of its own choice. */
  async #sendTwoBodies(client: GatewayClient, random: Random, wish: Wish): Promise<void> {
    const first = this.#begin(client, wish);
    const other = this.#shop.otherBody(wish);
    const bodies = [[first, wish] as const, [this.#begin(client, other, first.key), other] as const];
    await Promise.all(
      bodies.map(async ([operation, body]) => {
        const receipt = await this.#untilAcknowledged(client, random, operation);
        if (receipt === undefined) return;
        this.#note(body, receipt);
        await this.#follow(client, random, receipt, body);
      }),
    );
  }

  /** Buys something that nobody else buys, for a customer that nobody else is, and at times gives it back. */
  async #comeAndGo(client: GatewayClient, random: Random): Promise<void> {
    const { customer, product, purchase } = this.#shop.newcomer();
    const [by, of] = await Promise.all([customer, product].map((wish) => this.#performAndFollow(client, random, wish)));
    if (by === undefined || of === undefined) return;
    const placed = await this.#performAndFollow(client, random, purchase(by.id, of.id));
    if (placed === undefined || random.chance(0.4)) return;
    await this.#performAndFollow(client, random, { command: 'cancelPurchase', input: { purchaseId: placed.id } });
  }

  /** Looks at a transaction of one's own that ended some time ago. */
  async #lookBack(client: GatewayClient, random: Random): Promise<void> {
    const old = this.#past.filter(({ user, at }) => user === client.user && at < Date.now() - OLD_MS);
    if (old.length === 0) return;
    const { receipt, wish } = random.pick(old);
    await this.#follow(client, random, receipt, wish);
  }

  #goBeside(work: Promise<unknown>): void {
    const going: Promise<void> = work.then(() => void this.#beside.delete(going));
    this.#beside.add(going);
  }

  /** @returns undefined when it was refused, or given up */
  async #untilAcknowledged(client: GatewayClient, random: Random, operation: Operation): Promise<Receipt | undefined> {
    const backOff = backOffOf(random);
    while (!this.#givenUp) {
      const times = random.chance(SENDS_TWICE_AT_ONCE) ? 2 : 1;
      const sent = Array.from({ length: times }, () => this.#send(client, random, operation));
      const attempts = await Promise.all(sent);
      const answered = attempts.find(({ outcome }) => outcome !== 'unknown');
      if (answered !== undefined) return answered.receipt;
      await backOff.wait();
    }
    return undefined;
  }

  async #send(client: GatewayClient, random: Random, operation: Operation): Promise<Attempt> {
    const gateway = random.pick(this.#options.gateways);
    const { command, input, key } = operation;
    const timeoutMs = random.chance(IS_IMPATIENT) ? random.int(1, 30) : this.#patienceMs;
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
      return { outcome: REFUSED.has(error.code) ? 'refused' : 'unknown', detail };
    }
  }

  /** Follows the transaction to its end, over as many connections as it takes, and then may read what it did. */
  async #follow(
    client: GatewayClient,
    random: Random,
    receipt: Receipt,
    wish: Wish,
  ): Promise<'COMPLETED' | 'REJECTED' | undefined> {
    const { transactionId, id: entityId } = receipt;
    const subscription: Subscription = { user: client.user, transactionId, listenings: [] };
    this.seen.subscriptions.push(subscription);
    const backOff = backOffOf(random);
    while (!this.#givenUp) {
      const listening = await this.#listen(client, random, transactionId);
      subscription.listenings.push(listening);
      const last = listening.seen.at(-1);
      if (last?.status === 'COMPLETED' || last?.status === 'REJECTED') {
        this.#ended(client.user, wish, receipt, last.entityVersion);
        const reading = { transactionId, aggregate: aggregateOf(wish.command), entityId };
        if (random.chance(READS)) await this.#read(client, random, reading);
        return last.status;
      }
      await backOff.wait();
    }
    return undefined;
  }

  #ended(user: string, wish: Wish, receipt: Receipt, version: number | null): void {
    if (version !== null) this.#shop.learned(receipt.id, version);
    this.#past.push({ user, at: Date.now(), wish, receipt });
    if (this.#past.length > MOST_KNOWN) this.#past.splice(0, MOST_KNOWN / 4);
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

  async #read(
    client: GatewayClient,
    random: Random,
    of: Omit<Reading, 'shown' | 'gateway' | 'aggregate'> & { readonly aggregate: ReadAggregate },
  ): Promise<void> {
    const { transactionId: reflecting, aggregate, entityId: id } = of;
    const backOff = backOffOf(random);
    while (!this.#givenUp) {
      const gateway = random.pick(this.#options.gateways);
      const note = (shown: Reading['shown']) => this.seen.readings.push({ ...of, gateway: gateway.name, shown });
      try {
        const { shown } = await client.request(gateway, READ[aggregate], { id, reflecting }, this.#patienceMs);
        note(entitiesIn(aggregate, shown));
        return;
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        if (!COME_AGAIN.has(error.code)) {
          note({ refused: `${error.code}: ${error.message}` });
          return;
        }
      }
      await backOff.wait();
    }
  }
}

/** As a client should: were it to ask as often as it can, a gateway at its limit would never come back from there. */
function backOffOf(random: Random): BackOff {
  return new BackOff({ firstMs: 50, longestMs: 3000, jitter: (ms) => random.int(ms / 2, ms) });
}
