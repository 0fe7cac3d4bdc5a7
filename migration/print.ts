/** A print of many records that does not depend on their order, or on where each stands: the sum of prints of each. */
import { createHash } from 'node:crypto';
import type { LogRecord } from '../log/event-log.ts';

export class Print {
  #sum = 0n;
  records = 0;

  add({ key, value, headers }: Pick<LogRecord, 'key' | 'value' | 'headers'>): void {
    const hash = createHash('sha256');
    const names = Object.keys(headers).sort();
    // With lengths, so that what ends in one part cannot begin in the next.
    for (const part of [key ?? '', ...names.flatMap((name) => [name, headers[name] ?? ''])]) {
      hash.update(`${Buffer.byteLength(part)}:`).update(part);
    }
    hash.update(value === null ? 'tombstone' : 'value:');
    if (value !== null) hash.update(value);
    this.#sum = BigInt.asUintN(128, this.#sum + BigInt(`0x${hash.digest('hex').slice(0, 32)}`));
    this.records++;
  }

  get text(): string {
    return this.#sum.toString(16);
  }
}
