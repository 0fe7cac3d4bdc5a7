/** A record as a fetch brings it, its value and its headers still in the bytes of the batch. */
import { LazyRecord } from '../lazy-record.ts';
import { ByteReader } from './byte-reader.ts';

/** Where a record's parts stand in the bytes. */
export interface RecordBytes {
  readonly bytes: Buffer;
  readonly valueStart: number;
  /** Below 0: it is a tombstone. */
  readonly valueLength: number;
  /** Where the number of headers stands. */
  readonly headersStart: number;
  /** Behind the last of them. */
  readonly end: number;
}

interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly timestamp: number;
}

export class FetchedRecord extends LazyRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly timestamp: number;
  readonly #in: RecordBytes;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor({ topic, partition, offset, key, timestamp }: Placed, within: RecordBytes) {
    super();
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.key = key;
    this.timestamp = timestamp;
    this.#in = within;
  }

  get value(): Buffer | null {
    const { bytes, valueStart, valueLength } = this.#in;
    return valueLength < 0 ? null : bytes.subarray(valueStart, valueStart + valueLength);
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= headersAt(new ByteReader(this.#in.bytes, this.#in.headersStart));
    return this.#headers;
  }

  header(name: string): string | undefined {
    const { bytes, headersStart } = this.#in;
    const reader = new ByteReader(bytes, headersStart);
    let found: string | undefined;
    for (let count = reader.varint(); count > 0; count--) {
      const length = Math.max(0, reader.varint());
      const start = reader.offset;
      reader.skip(length);
      const valueLength = Math.max(0, reader.varint());
      // The last one of a name counts, as in `headers`.
      if (length === name.length && isAscii(name, bytes, start)) found = reader.text(valueLength);
      else reader.skip(valueLength);
    }
    return found;
  }

  under(topic: string): FetchedRecord {
    const { partition, offset, key, timestamp } = this;
    return new FetchedRecord({ topic, partition, offset, key, timestamp }, this.#in);
  }

  detached(): FetchedRecord {
    const { bytes, valueStart, valueLength, headersStart, end } = this.#in;
    return new FetchedRecord(this, {
      bytes: Buffer.from(bytes.subarray(valueStart, end)),
      valueStart: 0,
      valueLength,
      headersStart: headersStart - valueStart,
      end: end - valueStart,
    });
  }
}

/** Of headers with the same name the last one counts, as in Kafka's clients; one without a value is empty. */
export function headersAt(reader: ByteReader): Record<string, string> {
  const headers: [string, string][] = [];
  for (let count = reader.varint(); count > 0; count--) {
    headers.push([reader.text(reader.varint()), reader.text(reader.varint())]);
  }
  return Object.fromEntries(headers);
}

/** Passes over them. @throws when they are longer than what holds them: a broken batch is found when it comes, not when it is asked. */
export function skipHeaders(reader: ByteReader): void {
  for (let count = reader.varint(); count > 0; count--) {
    reader.skip(Math.max(0, reader.varint()));
    reader.skip(Math.max(0, reader.varint()));
  }
}

/** From the end: our names begin alike, `ce_`. */
function isAscii(name: string, bytes: Buffer, start: number): boolean {
  for (let at = name.length - 1; at >= 0; at--) if (bytes[start + at] !== name.charCodeAt(at)) return false;
  return true;
}
