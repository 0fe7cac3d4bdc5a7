/**
 * What the owner of the idempotency keys remembers of one partition of them: which transactions have come, and which of
 * them each key stands for. It forgets by the time that the commands themselves tell, and by tombstones of its own, never by
 * the time at which it happens to work: so nothing is forgotten in a stop of weeks, and what waited meanwhile is still known.
 *
 * A transaction's id is made for one period of a week (`transactions/ids.ts`), so it can come again for a week, give or take
 * what the gateways' clocks differ. It is known for two; clocks within a week of each other cannot get past that.
 */
import { z } from 'zod';
import type { LogRecord } from '../log/event-log.ts';
import { dataOf } from '../records/cloud-event.ts';
import { Recent } from './recent.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

const keyUse = z.object({
  transactionId: z.string(),
  /** Null when the command could not be read: it stands under no key. */
  key: z.string().nullable(),
  body: z.string(),
  command: z.string(),
  entityId: z.string(),
  /** false: it came under a key that stood for another one, and was refused. */
  forwarded: z.boolean(),
  /** By the commands' own time, ms. */
  at: z.number(),
});
/** One transaction that came under a key; as on `keys.uses`. */
export type KeyUse = z.infer<typeof keyUse>;

export class KeyMemory {
  readonly #known = new Recent(2 * WEEK_MS);
  readonly #bound = new Map<string, KeyUse>();
  readonly #keyOf = new Map<string, string>();
  #time = 0;

  /** @throws {UnreadableRecord} for a use that cannot be read: going on without it could let a command in twice */
  restore(record: LogRecord): void {
    if (record.key === null) return;
    if (record.value === null) this.#drop(record.key);
    else this.remember(dataOf(record, keyUse));
  }

  /** The newest time that commands have told, ms. */
  get time(): number {
    return this.#time;
  }

  knows(transactionId: string): boolean {
    return this.#known.has(transactionId);
  }

  /** What the key stands for at a time, if it stands for anything: for a week from its first use. */
  boundTo(key: string, time: number): KeyUse | undefined {
    const use = this.#bound.get(key);
    return use !== undefined && use.at > time - WEEK_MS ? use : undefined;
  }

  remember(use: KeyUse): void {
    this.#time = Math.max(this.#time, use.at);
    this.#known.add(use.transactionId, use.at);
    if (use.key === null || !use.forwarded) return;
    this.#bound.set(use.key, use);
    this.#keyOf.set(use.transactionId, use.key);
  }

  /** The transactions that cannot come any more, oldest first, at most so many; they are dropped with `forget`. */
  forgettable(time: number, most: number): readonly string[] {
    return this.#known.older(time, most);
  }

  forget(transactionIds: readonly string[]): void {
    for (const id of transactionIds) this.#drop(id);
  }

  #drop(transactionId: string): void {
    this.#known.drop(transactionId);
    const key = this.#keyOf.get(transactionId);
    this.#keyOf.delete(transactionId);
    if (key !== undefined && this.#bound.get(key)?.transactionId === transactionId) this.#bound.delete(key);
  }
}
