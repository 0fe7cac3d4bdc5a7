/** A log kept in memory, written by the real processors' steps, that a test can falsify before it is checked. */
import type { AggregateName } from '../domain/index.ts';
import { type AnyAggregate, aggregateNamed, allAggregates } from '../domain/registry.ts';
import type { EventLog, LogRecord, NewRecord, PartitionProcess, Position } from '../log/event-log.ts';
import { openAggregateProcess } from '../processors/aggregate-process.ts';
import { processorOf } from '../processors/index.ts';
import { type EventAttributes, toHeaders } from '../records/cloud-event.ts';
import { commandsTopic, PARTS, stateTopic, TRANSACTIONS, topicSpecs } from '../records/topics.ts';

const NOW = Date.UTC(2026, 0, 1, 9);

type Falsify = (record: LogRecord) => LogRecord | undefined;

/** One partition; reading is all that the checks need of a log. */
export class Books {
  readonly #topics = new Map<string, LogRecord[]>(topicSpecs(1).map(({ name }) => [name, []]));
  readonly #processes = new Map<string, PartitionProcess>();
  readonly #handled = new Map<string, number>();
  #next = 1;

  /** @param definitions of the aggregates, where they are to be others than those of the list */
  constructor(definitions: readonly AnyAggregate[] = allAggregates) {
    this.restart(definitions);
  }

  /** Opens all processors anew from what stands on the topics, with these definitions of their aggregates. */
  restart(definitions: readonly AnyAggregate[], withoutRoles?: 'accept' | 'refuse'): void {
    for (const aggregate of definitions) {
      const { name } = aggregate;
      const place = { partition: 0, partitions: 1 };
      const process = openAggregateProcess({ aggregate, ...place, withoutRoles, now: () => NOW });
      const parts = PARTS[name];
      const needed = [stateTopic(name), TRANSACTIONS, ...(parts === undefined ? [] : [parts])];
      for (let topics: readonly string[] = needed; topics.length > 0; ) {
        for (const topic of topics) for (const record of this.records(topic)) process.restore(record);
        topics = process.restored(this.#handled.get(name) ?? 0) ?? [];
      }
      this.#processes.set(name, process);
    }
  }

  /** A user's command; it and all that follows from it is processed before this returns. */
  command(aggregate: AggregateName, type: string, id: string, data: object): void {
    this.submit(aggregate, type, id, data);
    this.process();
  }

  /** A user's command, left to be processed. `headers`: what is another than an admin's. */
  submit(
    aggregate: AggregateName,
    type: string,
    id: string,
    data: object,
    headers: Partial<EventAttributes> = {},
  ): string {
    const transaction = `transaction-${this.#next++}`;
    const field = aggregateNamed(aggregate).idField;
    this.append({
      topic: commandsTopic(aggregate),
      key: id,
      value: JSON.stringify({ [field]: id, ...data }),
      headers: toHeaders({
        id: transaction,
        type,
        source: '/test',
        subject: id,
        time: new Date(NOW).toISOString(),
        transactionid: transaction,
        issuedby: 'ada',
        roles: 'admin',
        ...headers,
      }),
    });
    return transaction;
  }

  process(): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (const [name, process] of this.#processes) {
        const input = this.records(commandsTopic(name));
        const batch = input.slice(this.#handled.get(name) ?? 0);
        if (batch.length === 0) continue;
        const step = process.step(batch);
        for (const record of step.records) this.append(record);
        this.#handled.set(name, input.length);
        step.committed();
        busy = true;
      }
    }
  }

  append({ topic, key, value, headers }: NewRecord): void {
    const records = this.records(topic);
    const offset = (records.at(-1)?.offset ?? -1) + 1;
    records.push({
      topic,
      partition: 0,
      offset,
      key,
      value: value === null ? null : Buffer.from(value),
      headers,
      timestamp: 0,
    });
  }

  records(topic: string): LogRecord[] {
    const records = this.#topics.get(topic);
    if (records === undefined) throw new Error(`no topic ${topic}`);
    return records;
  }

  /** Changes, or takes out, the records of a topic. */
  falsify(topic: string, change: Falsify): void {
    const changed = this.records(topic).flatMap((record) => change(record) ?? []);
    this.#topics.set(topic, changed);
  }

  /** Changes the newest record of a key. */
  falsifyNewest(topic: string, key: string, change: (data: Record<string, unknown>) => object): void {
    const newest = this.records(topic).findLast((record) => record.key === key);
    if (newest === undefined) throw new Error(`${topic} holds no ${key}`);
    this.falsify(topic, (record) =>
      record === newest ? { ...record, value: Buffer.from(JSON.stringify(change(dataIn(record)))) } : record,
    );
  }

  /** Reads what is there at each call; `onRead` may add to it meanwhile. */
  log(onRead: (topic: string) => void = () => undefined): EventLog {
    const refuse = async (): Promise<never> => {
      throw new Error('only for reading');
    };
    const end = (topic: string): Position => ({
      topic,
      partition: 0,
      offset: (this.records(topic).at(-1)?.offset ?? -1) + 1,
    });
    const read = async function* (books: Books, topic: string, from: number) {
      const records = books.records(topic).filter(({ offset }) => offset >= from);
      if (records.length > 0) yield records;
      onRead(topic);
    };
    return {
      read: ({ topic }, from = 0) => read(this, topic, from),
      ends: async (topics) => topics.map(end),
      committed: async ({ name, input }) => {
        const aggregate = [...this.#processes.keys()].find((each) => processorOf(each).name === name) ?? '';
        return [{ topic: input, partition: 0, offset: this.#handled.get(aggregate) ?? 0 }];
      },
      identity: async () => 'books',
      recordsAt: async (positions) =>
        positions.map(({ topic, offset }) => this.records(topic).find((record) => record.offset === offset)),
      append: refuse,
      process: refuse,
      follow: refuse,
      missingTopics: refuse,
      createTopics: refuse,
      checkTopics: refuse,
      close: async () => undefined,
    };
  }
}

function dataIn({ value }: LogRecord): Record<string, unknown> {
  return JSON.parse(value?.toString('utf8') ?? '{}');
}

/** A shop with a bit of everything: confirmed, cancelled and refused purchases, a change of price, a removed customer. */
export function keptBooks(): Books {
  const books = new Books();
  books.command('customers', 'registerCustomer', 'ada', { firstName: 'Ada', lastName: 'King', email: null });
  books.command('customers', 'registerCustomer', 'bob', {
    firstName: 'Bob',
    lastName: 'Ross',
    email: 'bob@example.org',
  });
  books.command('products', 'addProduct', 'tea', { name: 'Tea', price: 450, stock: 10 });
  books.command('products', 'addProduct', 'jam', { name: 'Jam', price: 300, stock: 2 });
  const place = (id: string, customerId: string, ...lines: [string, number][]) =>
    books.command('purchases', 'placePurchase', id, {
      customerId,
      lines: lines.map(([productId, quantity]) => ({ productId, quantity })),
    });
  place('p1', 'ada', ['tea', 2], ['jam', 1]);
  place('p2', 'bob', ['tea', 1]);
  place('p3', 'bob', ['tea', 1], ['jam', 5]);
  place('p4', 'nobody', ['tea', 1]);
  books.command('purchases', 'cancelPurchase', 'p2', {});
  books.command('products', 'updateProduct', 'tea', { price: 500 });
  books.command('products', 'restockProduct', 'tea', { quantity: 5 });
  books.command('customers', 'removeCustomer', 'bob', {});
  place('p5', 'bob', ['tea', 1]);
  return books;
}
