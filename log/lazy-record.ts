/**
 * A record that stays bytes until somebody asks. Most of what decoding costs is headers: one who passes a record over by one or two
 * of them need not pay for all.
 */
import type { LogRecord } from './event-log.ts';

/** An engine makes its own of it. */
export abstract class LazyRecord implements LogRecord {
  abstract readonly topic: string;
  abstract readonly partition: number;
  abstract readonly offset: number;
  abstract readonly key: string | null;
  abstract readonly timestamp: number;
  abstract get value(): Buffer | null;
  abstract get headers(): Readonly<Record<string, string>>;
  abstract header(name: string): string | undefined;
  /** The same record under another name of its topic. */
  abstract under(topic: string): LazyRecord;
  /** See the function of this name. */
  abstract detached(): LazyRecord;
}

/** One header of a record of either kind; undefined when it has none of this name. */
export function headerOf(record: LogRecord, name: string): string | undefined {
  return record.header === undefined ? record.headers[name] : record.header(name);
}

/**
 * The same record in bytes of its own, for who keeps it. A slice keeps all of the memory that it was cut from, and that may be a
 * whole answer of a broker.
 */
export function detached(record: LogRecord): LogRecord {
  if (record instanceof LazyRecord) return record.detached();
  return { ...record, value: record.value && Buffer.from(record.value) };
}
