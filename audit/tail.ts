/** Reads partitions on and on: each call takes up where the last one ended, up to the end as it is then. */
import type { EventLog, LogRecord, TopicPartition } from '../log/event-log.ts';

export class Tail {
  readonly #log: EventLog;
  readonly #partition: TopicPartition;
  #next = 0;

  constructor(log: EventLog, partition: TopicPartition) {
    this.#log = log;
    this.#partition = partition;
  }

  /** `onRead` is told by how many offsets it has moved on. */
  async read(take: (record: LogRecord) => void, onRead?: (offsets: number) => void): Promise<void> {
    for await (const records of this.#log.read(this.#partition, this.#next)) {
      const from = this.#next;
      for (const record of records) {
        take(record);
        this.#next = record.offset + 1;
      }
      onRead?.(this.#next - from);
    }
  }
}
