/** Reads the primitive types of Kafka's wire protocol from a buffer. Numbers of 64 bits must be safe integers: offsets and times are. */
export class ByteReader {
  readonly #buffer: Buffer;
  offset: number;

  constructor(buffer: Buffer, offset = 0) {
    this.#buffer = buffer;
    this.offset = offset;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#skip(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#skip(4));
  }

  int64(): number {
    const start = this.#skip(8);
    return this.#buffer.readInt32BE(start) * 0x1_0000_0000 + this.#buffer.readUInt32BE(start + 4);
  }

  /** For ids, which may use all 64 bits. */
  bigint64(): bigint {
    return this.#buffer.readBigInt64BE(this.#skip(8));
  }

  unsignedVarint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#buffer.readUInt8(this.#skip(1));
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** Zigzag, of 32 or 64 bits. */
  varint(): number {
    const value = this.unsignedVarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** So many bytes, without a copy; `null` when the length is negative. */
  bytes(length: number): Buffer | null {
    if (length < 0) return null;
    const start = this.#skip(length);
    return this.#buffer.subarray(start, start + length);
  }

  text(length: number): string {
    const start = this.#skip(Math.max(0, length));
    return this.#buffer.toString('utf8', start, this.offset);
  }

  string(): string {
    return this.text(this.int16());
  }

  compactString(): string {
    return this.text(this.unsignedVarint() - 1);
  }

  array<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, item);
  }

  compactArray<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.unsignedVarint() - 1) }, item);
  }

  /** Tagged fields are extensions that we know none of. */
  skipTags(): void {
    for (let count = this.unsignedVarint(); count > 0; count--) {
      this.unsignedVarint();
      this.#skip(this.unsignedVarint());
    }
  }

  /** @throws when it would be beyond the end. */
  skip(length: number): void {
    this.#skip(length);
  }

  /** @throws when that lies behind, or beyond the end. */
  skipTo(offset: number): void {
    this.#skip(offset - this.offset);
  }

  #skip(length: number): number {
    const start = this.offset;
    if (!(length >= 0) || start + length > this.#buffer.length)
      throw new RangeError('a message of Kafka ends too early');
    this.offset = start + length;
    return start;
  }
}
