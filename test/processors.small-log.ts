/**
 * The real processors on topics in memory, one partition, with a clock of their own. A test chooses which of them goes on,
 * lets days pass, and starts one again with whatever is left of the topics it restores from.
 */
import type { AggregateName } from '../domain/index.ts';
import { aggregateNamed } from '../domain/registry.ts';
import { type TransactionRecord, transactionRecord } from '../domain/transaction.ts';
import type {
  EventLog,
  LogRecord,
  NewRecord,
  PartitionProcess,
  ProcessOptions,
  Step,
  WrittenTopics,
} from '../log/event-log.ts';
import { RestoreProgress, type WrittenRange } from '../log/restore-progress.ts';
import { openAggregateProcess } from '../processors/aggregate-process.ts';
import { type Decides, deciders, processorOf } from '../processors/index.ts';
import { openKeysProcess } from '../processors/keys-process.ts';
import type { StateCache } from '../processors/state-cache.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { commandsTopic, KEY_USES, KEYS, PARTS, stateTopic, TRANSACTIONS } from '../records/topics.ts';
import type { PartitionStore } from '../store/partition-store.ts';

export type Name = Decides;
export const NAMES: readonly Name[] = deciders;

/** Where a step is ended by force: nothing of it is on the log, or all of it, but the processor has not learnt that. */
type KilledAt = 'before-commit' | 'after-commit';

export interface SmallLogOptions {
  /** Where a processor that opens keeps what it remembers. Default: in a memory of its own. */
  readonly storeOf?: (name: Name) => PartitionStore;
  readonly cache?: StateCache;
}

export class SmallLog {
  now = Date.UTC(2026, 0, 1);
  /** As the log tells it to processes. */
  identity = 'small';
  /** The records that the last restart of each processor gave to it to restore. */
  readonly restored = new Map<Name, readonly LogRecord[]>();
  readonly #options: SmallLogOptions;
  #sent = 0;
  readonly #topics = new Map<string, LogRecord[]>();
  readonly #handled = new Map<Name, number>();
  readonly #processes = new Map<Name, PartitionProcess>();
  readonly #progress = new Map<Name, RestoreProgress>();

  constructor(options: SmallLogOptions = {}) {
    this.#options = options;
    for (const name of NAMES) this.restart(name);
  }

  records(topic: string): readonly LogRecord[] {
    return this.#topics.get(topic) ?? [];
  }

  append({ topic, key, value, headers }: NewRecord): LogRecord {
    const records = this.#topics.get(topic) ?? [];
    this.#topics.set(topic, records);
    const bytes = value === null ? null : Buffer.from(value);
    const offset = (records.at(-1)?.offset ?? -1) + 1;
    const record = { topic, partition: 0, offset, key, value: bytes, headers, timestamp: this.now };
    records.push(record);
    return record;
  }

  /** Appends a command of an admin; returns its transaction. */
  send(aggregate: AggregateName, type: string, id: string, data: object, transaction = `t${this.#sent++}`): string {
    const headers = toHeaders({
      ...{ id: transaction, type, source: '/gateway', subject: id, time: new Date(this.now).toISOString() },
      ...{ transactionid: transaction, issuedby: 'ada', roles: 'admin' },
    });
    const value = JSON.stringify({ [aggregateNamed(aggregate).idField]: id, ...data });
    this.append({ topic: commandsTopic(aggregate), key: id, value, headers });
    return transaction;
  }

  /** A shop of one customer, with so much stock of each product. */
  open(products: readonly string[], stock: number): void {
    this.send('customers', 'registerCustomer', 'ada', { firstName: 'Ada', lastName: 'King', email: null });
    for (const id of products) this.send('products', 'addProduct', id, { name: id, price: 100, stock });
    this.settle();
  }

  /** The customer buys one of each. */
  place(id: string, ...products: readonly string[]): void {
    const lines = products.map((productId) => ({ productId, quantity: 1 }));
    this.send('purchases', 'placePurchase', id, { customerId: 'ada', lines });
  }

  /** Leaves those records of a topic that `kept` picks. */
  drop(topic: string, kept: (record: LogRecord) => boolean): void {
    this.#topics.set(topic, this.records(topic).filter(kept));
  }

  /** Leaves the newest record of each key, as Kafka does to a compacted topic. */
  compact(topic: string): void {
    const newest = new Map(this.records(topic).map((record) => [record.key, record]));
    this.#topics.set(topic, [...newest.values()]);
  }

  /** How many commands wait for a processor. */
  waiting(name: Name): number {
    return this.records(commandsTopic(name)).length - (this.#handled.get(name) ?? 0);
  }

  /** Lets a processor handle the next `most` commands as one step; killed on the way, it has to be started again. */
  work(name: Name, most = Number.POSITIVE_INFINITY, killed?: KilledAt): void {
    const from = this.#handled.get(name) ?? 0;
    const batch = this.records(commandsTopic(name)).slice(from, from + most);
    const step = this.#processes.get(name)?.step(batch);
    if (step === undefined || killed === 'before-commit') return;
    const written = this.#commit(name, step);
    this.#handled.set(name, from + batch.length);
    if (killed === undefined) step.committed(written, this.#ends(name));
  }

  #commit(name: Name, step: Step): WrittenTopics | undefined {
    const ranges = new Map<string, WrittenRange>();
    for (const record of step.records) {
      const { topic, offset } = this.append(record);
      const { first, count } = ranges.get(topic) ?? { first: offset, count: 0 };
      ranges.set(topic, { topic, first, last: offset, count: count + 1 });
    }
    return this.#progress.get(name)?.wrote(ranges.values());
  }

  /** Lets all of them work until nothing waits. */
  settle(): void {
    while (NAMES.some((name) => this.waiting(name) > 0)) for (const name of NAMES) this.work(name);
  }

  /** Ends a processor in order: what it remembers is kept. */
  stop(name: Name): void {
    this.#processes.get(name)?.close();
    this.#processes.delete(name);
  }

  /** Opens a processor anew. Of topics with retention it restores what is `left`; states are there for ever. */
  restart(name: Name, left: (record: LogRecord) => boolean = () => true): void {
    const process = this.#open(name);
    const topics = restoreTopics(name);
    const progress = new RestoreProgress(topics, false);
    const restored: LogRecord[] = [];
    const ends = this.#ends(name);
    const from = process.restoreFrom?.({ log: this.identity, position: this.#handled.get(name) ?? 0, ends });
    const restore = (topic: string, first: number) => {
      for (const record of this.records(topic)) {
        if (record.offset < first || (topic === TRANSACTIONS && !left(record))) continue;
        restored.push(record);
        process.restore(record);
      }
      progress.read(topic, this.#end(topic));
    };
    for (const topic of topics) restore(topic, from?.get(topic) ?? 0);
    for (let more = this.#restored(process, name); more.length > 0; more = this.#restored(process, name)) {
      for (const topic of more) restore(topic, 0);
    }
    this.#progress.set(name, progress);
    for (let step = process.settle?.(); step !== undefined; step = process.settle?.()) {
      step.committed(this.#commit(name, step), this.#ends(name));
    }
    this.#processes.set(name, process);
    this.restored.set(name, restored);
  }

  #ends(name: Name): ReadonlyMap<string, number> {
    return new Map(restoreTopics(name).map((topic) => [topic, this.#end(topic)]));
  }

  #end(topic: string): number {
    return (this.records(topic).at(-1)?.offset ?? -1) + 1;
  }

  /** All statuses of every transaction, in order. */
  statuses(): ReadonlyMap<string, readonly TransactionRecord[]> {
    const statuses = new Map<string, TransactionRecord[]>();
    for (const { value } of this.records(TRANSACTIONS)) {
      const record = transactionRecord.parse(JSON.parse(String(value)));
      statuses.set(record.id, [...(statuses.get(record.id) ?? []), record]);
    }
    return statuses;
  }

  #restored(process: PartitionProcess, name: Name): readonly string[] {
    return process.restored(this.#handled.get(name) ?? 0) ?? [];
  }

  /** What another process reads of it, as of an event log. */
  port(): Pick<EventLog, 'committed' | 'ends' | 'identity' | 'read'> {
    const small = this;
    return {
      identity: async () => small.identity,
      committed: async ({ name, input: topic }) => {
        const decider = NAMES.find((each) => processorOf(each).name === name);
        const offset = decider && small.#handled.get(decider);
        return offset === undefined ? [] : [{ topic, partition: 0, offset }];
      },
      ends: async (topics) => topics.map((topic) => ({ topic, partition: 0, offset: small.#end(topic) })),
      async *read({ topic }, from = 0) {
        const records = small.records(topic).filter(({ offset }) => offset >= from);
        if (records.length > 0) yield records;
      },
    };
  }

  /** The processor of another process, which keeps what it remembers in a store of its own. */
  elsewhere(name: Name, store: () => PartitionStore): ProcessOptions {
    return { ...processorOf(name), restore: restoreTopics(name), open: () => this.#open(name, store()) };
  }

  #open(name: Name, store = this.#options.storeOf?.(name)): PartitionProcess {
    const { cache } = this.#options;
    const around = { partition: 0, partitions: 1, now: () => this.now, store, cache };
    if (name === KEYS) return openKeysProcess(around);
    return openAggregateProcess({ ...around, aggregate: aggregateNamed(name) });
  }
}

function restoreTopics(name: Name): readonly string[] {
  if (name === KEYS) return [KEY_USES];
  const parts = PARTS[name];
  return [stateTopic(name), ...(parts === undefined ? [] : [parts]), TRANSACTIONS];
}
