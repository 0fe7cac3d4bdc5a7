/**
 * A history without fault, small and complete: Counterfoil's own processors and projectors on topics in memory, with one
 * purchase of every end, a repeated command, and clients that saw all of it.
 */

import { customer, product, purchase } from '../../../domain/index.ts';
import { toHeaders } from '../../../log/cloud-event.ts';
import type { LogRecord, NewRecord, PartitionProcess } from '../../../log/event-log.ts';
import { partitionOf } from '../../../log/partition-of.ts';
import { commandsTopic, STATE_TOPICS, TRANSACTIONS, topicSpecs } from '../../../log/topics.ts';
import { openAggregateProcess } from '../../../processors/aggregate-process.ts';
import { saga } from '../../../processors/saga.ts';
import { projectors } from '../../../projectors/index.ts';
import { viewSpecs } from '../../../views/documents.ts';
import { openEmbeddedViews } from '../../../views/embedded/embedded-views.ts';
import { readViews } from '../gather.ts';
import {
  AGGREGATES,
  type AggregateName,
  type Entry,
  entryOf,
  type History,
  type Operation,
  type Reading,
  type Subscription,
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
      const processes: Record<AggregateName, PartitionProcess> = {
        customers: openAggregateProcess({
          ...around,
          decider: { ...customer, name: 'customers' },
          routes: saga.customers,
        }),
        products: openAggregateProcess({
          ...around,
          decider: { ...product, name: 'products' },
          routes: saga.products,
        }),
        purchases: openAggregateProcess({
          ...around,
          decider: { ...purchase, name: 'purchases' },
          routes: saga.purchases,
        }),
      };
      for (const aggregate of AGGREGATES) this.#processes.set(`${aggregate}/${partition}`, processes[aggregate]);
    }
  }

  /** Sends a mutation as often as asked; the command stands on the log that often. */
  send(command: string, aggregate: AggregateName, id: string, data: object, times = 1): void {
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
        }),
      });
      const receipt = { transactionId, id };
      attempts.push({ invokedAt: at, endedAt: at, gateway: 'gateway-0', outcome: 'acknowledged', receipt });
    }
    this.#operations.push({ key: `k${this.#operations.length}`, user: USER, command, input: {}, attempts });
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
    const ended = (log.get(TRANSACTIONS) ?? []).filter(({ data }) => data.finishedAt !== null);
    return {
      partitions: PARTITIONS,
      operations: this.#operations,
      subscriptions: ended.map(({ key }) => subscriptionOf(key, log.get(TRANSACTIONS) ?? [])),
      readings: ended.filter(({ data }) => data.entityVersion !== null).map(readingOf),
      log,
      views: await this.#views(),
      broker: {
        partitions: [{ topic: 'purchases.commands', partition: 0, highWatermark: 7, lastStable: 7 }],
        transactions: [{ transactionalId: 'purchases-processor-0', state: 'CompleteCommit' }],
      },
    };
  }

  async #views() {
    const views = await openEmbeddedViews({ views: viewSpecs });
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

function readingOf({ key, data }: Entry): Reading {
  const { aggregate, entityId, entityVersion } = data;
  return { transactionId: key, aggregate, entityId, entityVersion, gateway: 'gateway-0', shown: entityVersion };
}

export async function sampleHistory(): Promise<History> {
  const sample = new Sample();
  const person = { firstName: 'Ada', lastName: 'Lovelace', email: null };
  sample.send('registerCustomer', 'customers', 'ada', { customerId: 'ada', ...person }, 2);
  sample.send('addProduct', 'products', 'tea', { productId: 'tea', name: 'Tea', price: 250, stock: 10 });
  sample.send('addProduct', 'products', 'rare', { productId: 'rare', name: 'Rare tea', price: 9900, stock: 1 });
  sample.send('restockProduct', 'products', 'tea', { productId: 'tea', quantity: 5 }, 2);
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
