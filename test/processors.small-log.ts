/**
 * The real processors on topics in memory, one partition, with a clock of their own. A test chooses which of them goes on,
 * lets days pass, and starts one again with whatever is left of the topics it restores from.
 */
import { aggregates } from '../domain/index.ts';
import { type TransactionRecord, transactionRecord } from '../domain/transaction.ts';
import type { LogRecord, NewRecord, PartitionProcess } from '../log/event-log.ts';
import { openAggregateProcess } from '../processors/aggregate-process.ts';
import { openKeysProcess } from '../processors/keys-process.ts';
import { commandsTopic, KEY_USES, PARTS, stateTopic, TRANSACTIONS } from '../records/topics.ts';

export const NAMES = ['keys', 'customers', 'products', 'purchases'] as const;
export type Name = (typeof NAMES)[number];

export class SmallLog {
  now = Date.UTC(2026, 0, 1);
  readonly #topics = new Map<string, LogRecord[]>();
  readonly #handled = new Map<Name, number>();
  readonly #processes = new Map<Name, PartitionProcess>();

  constructor() {
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

  /** Lets a processor handle the next `most` commands as one step. */
  work(name: Name, most = Number.POSITIVE_INFINITY): void {
    const from = this.#handled.get(name) ?? 0;
    const batch = this.records(commandsTopic(name)).slice(from, from + most);
    const step = this.#processes.get(name)?.step(batch);
    for (const record of step?.records ?? []) this.append(record);
    step?.committed();
    this.#handled.set(name, from + batch.length);
  }

  /** Lets all of them work until nothing waits. */
  settle(): void {
    while (NAMES.some((name) => this.waiting(name) > 0)) for (const name of NAMES) this.work(name);
  }

  /** Opens a processor anew. Of topics with retention it restores what is `left`; states are there for ever. */
  restart(name: Name, left: (record: LogRecord) => boolean = () => true): void {
    const process = this.#open(name);
    const parts = PARTS[name];
    const compacted = name === 'keys' ? [KEY_USES] : [stateTopic(name), ...(parts === undefined ? [] : [parts])];
    for (const topic of compacted) for (const record of this.records(topic)) process.restore(record);
    const statuses = name === 'keys' ? [] : this.records(TRANSACTIONS);
    for (const record of statuses) if (left(record)) process.restore(record);
    for (let more = this.#restored(process, name); more.length > 0; more = this.#restored(process, name)) {
      for (const topic of more) for (const record of this.records(topic)) process.restore(record);
    }
    for (let step = process.settle?.(); step !== undefined; step = process.settle?.()) {
      for (const record of step.records) this.append(record);
      step.committed();
    }
    this.#processes.set(name, process);
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

  #open(name: Name): PartitionProcess {
    const around = { partition: 0, partitions: 1, now: () => this.now };
    switch (name) {
      case 'keys':
        return openKeysProcess(around);
      case 'customers':
        return openAggregateProcess({ ...around, aggregate: aggregates[name] });
      case 'products':
        return openAggregateProcess({ ...around, aggregate: aggregates[name] });
      case 'purchases':
        return openAggregateProcess({ ...around, aggregate: aggregates[name] });
    }
  }
}
