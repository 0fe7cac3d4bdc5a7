/**
 * A history without fault, small and complete: Counterfoil's own processors and projectors on topics in memory, with one
 * purchase of every end, a repeated command, and clients that saw all of it.
 */

import { aggregateNamed } from '../../../domain/registry.ts';
import type { LogRecord, NewRecord, PartitionProcess } from '../../../log/event-log.ts';
import { partitionOf } from '../../../log/partition-of.ts';
import { openAggregateProcess } from '../../../processors/aggregate-process.ts';
import { viewSpecs } from '../../../projectors/documents.ts';
import { projectors } from '../../../projectors/index.ts';
import { toHeaders } from '../../../records/cloud-event.ts';
import { commandsTopic, STATE_TOPICS, TRANSACTIONS, topicSpecs } from '../../../records/topics.ts';
import { openTemporaryViews } from '../../../views/embedded/embedded-views.ts';
import { type ExactInteger, valueOfExact } from '../../../views/exact-integer.ts';
import { readViews } from '../gather.ts';
import {
  AGGREGATES,
  type AggregateName,
  type Entry,
  entryOf,
  FOREIGN_HEADER,
  type History,
  type Operation,
  type Reading,
  type ShownEntity,
  type Subscription,
  type ViewDump,
  type Watcher,
} from '../history.ts';

const PARTITIONS = 2;
const USER = 'ada';

class Topics {
  readonly records = new Map<string, LogRecord[][]>();
  #clock = Date.UTC(2026, 0, 1);

  constructor() {
    for (const { name } of topicSpecs(PARTITIONS)) this.records.set(name, [[], []]);
  }

  write({ topic, partition, key, value, headers }: NewRecord): void {
    const at = partition ?? partitionOf(key, PARTITIONS);
    const records = this.of(topic, at);
    const bytes = value === null ? null : Buffer.from(value);
    records.push({ topic, partition: at, offset: records.length, key, value: bytes, headers, timestamp: this.now() });
  }

  of(topic: string, partition: number): LogRecord[] {
    const records = this.records.get(topic)?.[partition];
    if (records === undefined) throw new Error(`no topic ${topic}/${partition}`);
    return records;
  }

  now(): number {
    this.#clock += 1000;
    return this.#clock;
  }
}

class Sample {
  readonly #topics = new Topics();
  readonly #processes = new Map<string, PartitionProcess>();
  readonly #positions = new Map<string, number>();
  readonly #operations: Operation[] = [];

  constructor() {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const around = { partition, partitions: PARTITIONS, now: () => this.#topics.now() };
      for (const name of AGGREGATES) {
        const process = openAggregateProcess({ ...around, aggregate: aggregateNamed(name) });
        this.#processes.set(`${name}/${partition}`, process);
      }
    }
  }

  /** Sends a mutation as often as asked; the command stands on the log that often. */
  send(command: string, aggregate: AggregateName, id: string, data: object, times = 1): Operation {
    const transactionId = `t${this.#operations.length}`;
    const attempts: Operation['attempts'] = [];
    for (let i = 0; i < times; i++) {
      const at = this.#topics.now();
      this.#topics.write({
        topic: commandsTopic(aggregate),
        key: id,
        value: JSON.stringify(data),
        headers: toHeaders({
          id: transactionId,
          type: command,
          source: '/gateway',
          subject: id,
          time: new Date(at).toISOString(),
          transactionid: transactionId,
          issuedby: USER,
          roles: 'admin',
        }),
      });
      const receipt = { transactionId, id };
      attempts.push({ invokedAt: at, endedAt: at, gateway: 'gateway-0', outcome: 'acknowledged', receipt });
    }
    const operation = { key: `k${this.#operations.length}`, user: USER, command, input: {}, attempts };
    this.#operations.push(operation);
    return operation;
  }

  /** The key of an operation again, with another body: it is refused. */
  sendOtherBody({ key, user, command }: Operation): void {
    const at = this.#topics.now();
    const detail = 'IDEMPOTENCY_KEY_REUSED: the key stands for another body';
    const attempt = { invokedAt: at, endedAt: at, gateway: 'gateway-1', outcome: 'refused' as const, detail };
    this.#operations.push({ key, user, command, input: { quantity: 9 }, attempts: [attempt] });
  }

  /** What a stranger writes among the commands, which the processors set aside. */
  sendForeign(aggregate: AggregateName, key: string): void {
    this.#topics.write({ topic: commandsTopic(aggregate), key, value: '{', headers: { [FOREIGN_HEADER]: '1' } });
  }

  /** A user's command of a newer version, which nobody here can read. */
  sendNewer(transactionId: string, aggregate: AggregateName, key: string): void {
    const id = transactionId;
    const attributes = {
      id,
      type: 'doSomethingNew',
      source: '/gateway',
      subject: key,
      transactionid: id,
      issuedby: 'eve',
    };
    this.#topics.write({
      topic: commandsTopic(aggregate),
      key,
      value: '{}',
      headers: {
        ...toHeaders({ ...attributes, time: new Date(this.#topics.now()).toISOString() }),
        [FOREIGN_HEADER]: '1',
      },
    });
  }

  /** Lets the processors work until nothing is left, one command a step so that every status is told. */
  work(): void {
    for (let idle = false; !idle; ) {
      idle = true;
      for (const [place, process] of this.#processes) {
        const [aggregate = '', partition = ''] = place.split('/');
        const at = this.#positions.get(place) ?? 0;
        const record = this.#topics.of(commandsTopic(aggregate), Number(partition))[at];
        if (record === undefined) continue;
        idle = false;
        const step = process.step([record]);
        for (const written of step.records) this.#topics.write(written);
        step.committed();
        this.#positions.set(place, at + 1);
      }
    }
  }

  async history(): Promise<History> {
    const log = new Map<string, readonly Entry[]>();
    for (const [topic, partitions] of this.#topics.records) log.set(topic, partitions.flat().map(entryOf));
    const statuses = (log.get(TRANSACTIONS) ?? []).filter(({ data }) => data.issuedBy === USER);
    const ended = statuses.filter(({ data }) => data.finishedAt !== null);
    const views = await this.#views();
    return {
      partitions: PARTITIONS,
      operations: this.#operations,
      subscriptions: ended.map(({ key }) => subscriptionOf(key, statuses)),
      watchers: [watcherOf(statuses)],
      readings: ended.map((entry) => readingOf(entry, views)),
      log,
      views,
      broker: {
        partitions: [{ topic: 'purchases.commands', partition: 0, highWatermark: 7, lastStable: 7 }],
        transactions: [{ transactionalId: 'purchases-processor-0', state: 'CompleteCommit' }],
      },
    };
  }

  async #views() {
    const views = await openTemporaryViews({ views: viewSpecs });
    for (const topic of [...STATE_TOPICS, TRANSACTIONS]) {
      const projector = projectors.find((each) => each.topic === topic);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const records = this.#topics.of(topic, partition);
        const move = { topic, partition, from: 0, next: records.length };
        await views.step([move], async (tx) => void (await projector?.project(records, tx, () => undefined)));
      }
    }
    const dump = await readViews(views);
    await views.close();
    return dump;
  }
}

function subscriptionOf(transactionId: string, statuses: readonly Entry[]): Subscription {
  const seen = statuses
    .filter(({ key }) => key === transactionId)
    .map(({ data }, at) => ({ at, status: data.status, steps: data.steps.length, entityVersion: data.entityVersion }));
  const first = { at: 0, status: 'ACCEPTED', steps: 1, entityVersion: null };
  return {
    user: USER,
    transactionId,
    listenings: [
      { gateway: 'gateway-1', seen: [first], end: 'broken' },
      { gateway: 'gateway-0', seen: [first, ...seen], end: 'completed' },
    ],
  };
}

/** Told of all that is on the log, in its order; the connection broke once, at the start. */
function watcherOf(statuses: readonly Entry[]): Watcher {
  const told = statuses.map(({ key: transactionId, data, time }) => {
    const { status, steps, issuedBy } = data;
    return { at: Date.parse(time), transactionId, issuedBy, status, steps: steps.length };
  });
  return {
    user: USER,
    watches: [
      { gateway: 'gateway-1', askedAt: 0, liveAt: undefined, endedAt: 0, end: 'broken', told: [] },
      { gateway: 'gateway-0', askedAt: 0, liveAt: 1, endedAt: Date.UTC(2027, 0, 1), end: 'rested', told },
    ],
  };
}

function readingOf({ key, data }: Entry, views: ViewDump): Reading {
  const { aggregate, entityId } = data;
  const doc = views[aggregate as AggregateName]?.get(entityId);
  const shown = doc === undefined || doc['version'] === 0 ? [] : [shownAs(aggregate, doc)];
  if (aggregate === 'purchases' && doc !== undefined) {
    const customer = views.customers?.get(String(doc['customerId']));
    if (customer !== undefined) shown.push(shownAs('customers', customer));
    for (const { productId } of doc['lines'] as { readonly productId: string }[]) {
      const product = views.products?.get(productId);
      if (product !== undefined) shown.push(shownAs('products', product));
    }
  }
  return { transactionId: key, aggregate, entityId, gateway: 'gateway-0', shown };
}

/** Of the aggregates that this history is about. */
const FIELDS: Readonly<Partial<Record<AggregateName, readonly string[]>>> = {
  customers: ['firstName', 'lastName', 'purchaseCount', 'totalSpent'],
  products: ['name', 'stock', 'reserved', 'purchaseCount', 'unitsSold', 'revenue'],
  purchases: ['status'],
};

/** As a client sees it: money as a decimal string. */
function shownAs(aggregate: AggregateName, doc: Readonly<Record<string, unknown>>): ShownEntity {
  const fields = (FIELDS[aggregate] ?? []).map((field) => {
    const value = doc[field];
    const isMoney = field === 'totalSpent' || field === 'revenue';
    return [field, isMoney ? moneyOf(value as ExactInteger) : (value as string | number | null)] as const;
  });
  return { aggregate, id: String(doc['_id']), version: Number(doc['version']), fields: Object.fromEntries(fields) };
}

function moneyOf(total: ExactInteger): string {
  const cents = valueOfExact(total).toString().padStart(3, '0');
  return `${cents.slice(0, -2)}.${cents.slice(-2)}`;
}

export async function sampleHistory(): Promise<History> {
  const sample = new Sample();
  const person = { firstName: 'Ada', lastName: 'Lovelace', email: null };
  sample.send('registerCustomer', 'customers', 'ada', { customerId: 'ada', ...person }, 2);
  sample.send('addProduct', 'products', 'tea', { productId: 'tea', name: 'Tea', price: 250, stock: 10 });
  sample.send('addProduct', 'products', 'rare', { productId: 'rare', name: 'Rare tea', price: 9900, stock: 1 });
  sample.send('restockProduct', 'products', 'tea', { productId: 'tea', quantity: 5 }, 2);
  const restocked = sample.send('restockProduct', 'products', 'tea', { productId: 'tea', quantity: 6 });
  sample.sendOtherBody(restocked);
  sample.sendForeign('products', 'nothing');
  sample.sendNewer('newer', 'products', 'tea');
  sample.work();
  const place = (id: string, customerId: string, ...lines: readonly (readonly [string, number])[]) =>
    sample.send('placePurchase', 'purchases', id, {
      ...{ purchaseId: id, customerId },
      lines: lines.map(([productId, quantity]) => ({ productId, quantity })),
    });
  place('kept', 'ada', ['tea', 2], ['rare', 1]);
  sample.work();
  place('returned', 'ada', ['tea', 3]);
  sample.work();
  sample.send('cancelPurchase', 'purchases', 'returned', { purchaseId: 'returned' });
  place('too-late', 'ada', ['tea', 1], ['rare', 1]);
  place('of-nobody', 'nobody', ['tea', 1]);
  place('regretted', 'ada', ['tea', 1]);
  sample.send('cancelPurchase', 'purchases', 'regretted', { purchaseId: 'regretted' });
  sample.send('registerCustomer', 'customers', 'ada', { customerId: 'ada', ...person });
  sample.send('updateProduct', 'products', 'tea', { productId: 'tea', name: 'Green tea' });
  sample.work();
  return await sample.history();
}
