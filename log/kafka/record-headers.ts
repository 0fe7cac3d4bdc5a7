/** The headers of one record, as they came: for readers that want one or two of them and leave the others bytes. */
import type { HeaderSource } from '../lazy-record.ts';
import { ByteReader } from './byte-reader.ts';

export class RecordHeaders implements HeaderSource {
  readonly #bytes: Buffer;
  /** Where their number stands. */
  readonly #start: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#start = start;
  }

  copy(): RecordHeaders {
    const reader = new ByteReader(this.#bytes, this.#start);
    skipHeaders(reader);
    return new RecordHeaders(Buffer.from(this.#bytes.subarray(this.#start, reader.offset)), 0);
  }

  all(): Readonly<Record<string, string>> {
    return headersAt(new ByteReader(this.#bytes, this.#start));
  }

  one(name: string): string | undefined {
    const bytes = this.#bytes;
    const reader = new ByteReader(bytes, this.#start);
    let found: string | undefined;
    for (let count = reader.varint(); count > 0; count--) {
      const length = Math.max(0, reader.varint());
      const start = reader.offset;
      reader.skip(length);
      const valueLength = Math.max(0, reader.varint());
      // The last one of a name counts, as in `all`.
      if (length === name.length && isAscii(name, bytes, start)) found = reader.text(valueLength);
      else reader.skip(valueLength);
    }
    return found;
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
export function skipHeaders(reader: ByteReader): undefined {
  for (let count = reader.varint(); count > 0; count--) {
    reader.skip(Math.max(0, reader.varint()));
    reader.skip(Math.max(0, reader.varint()));
  }
  return undefined;
}

/** From the end: our names begin alike, `ce_`. */
function isAscii(name: string, bytes: Buffer, start: number): boolean {
  for (let at = name.length - 1; at >= 0; at--) if (bytes[start + at] !== name.charCodeAt(at)) return false;
  return true;
}
