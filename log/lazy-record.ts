/**
 * A record whose headers stay bytes until somebody asks. Most of what decoding costs is headers: one who passes a record over by
 * one or two of them need not pay for all.
 */
import type { LogRecord } from './event-log.ts';

/** A record's headers, as an engine has them. */
export interface HeaderSource {
  all(): Readonly<Record<string, string>>;
  one(name: string): string | undefined;
  /** The same, in bytes of its own. */
  copy(): HeaderSource;
}

export interface LazyRecordParts
  extends Pick<LogRecord, 'topic' | 'partition' | 'offset' | 'key' | 'value' | 'timestamp'> {
  readonly source: HeaderSource;
}

export class LazyRecord implements LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly #source: HeaderSource;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor({ topic, partition, offset, key, value, timestamp, source }: LazyRecordParts) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.key = key;
    this.value = value;
    this.timestamp = timestamp;
    this.#source = source;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= this.#source.all();
    return this.#headers;
  }

  header(name: string): string | undefined {
    return this.#source.one(name);
  }

  /** The same record under another name of its topic. */
  under(topic: string): LazyRecord {
    const { partition, offset, key, value, timestamp } = this;
    return new LazyRecord({ topic, partition, offset, key, value, timestamp, source: this.#source });
  }

  /** See `detached`. */
  detached(): LazyRecord {
    const { topic, partition, offset, key, timestamp } = this;
    const value = this.value && Buffer.from(this.value);
    return new LazyRecord({ topic, partition, offset, key, value, timestamp, source: this.#source.copy() });
  }
}

/**
 * The same record in bytes of its own, for who keeps it. A slice keeps all of the memory that it was cut from, and that may be a
 * whole answer of a broker.
 */
export function detached(record: LogRecord): LogRecord {
  if (record instanceof LazyRecord) return record.detached();
  return { ...record, value: record.value && Buffer.from(record.value) };
}

/** One header of a record of either kind; undefined when it has none of this name. */
export function headerOf(record: LogRecord, name: string): string | undefined {
  return record.header === undefined ? record.headers[name] : record.header(name);
}
