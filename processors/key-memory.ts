/**
 * What the owner of the idempotency keys remembers of one partition of them: which transactions have come, and which of
 * them each key stands for. What is old is told from the commands' own times and from tombstones, never from this machine's
 * clock. So a stop of weeks forgets nothing, and repeats of what waited meanwhile are recognised.
 *
 * A transaction's id is the same for one period of a week (`transactions/ids.ts`). So repeats can come for a week, and longer
 * by as much as the gateways' clocks differ. They are recognised for two weeks: enough for clocks that differ by a week.
 */
import type { KeyUse } from './key-use.ts';
import { Recent } from './recent.ts';

/** For how long a key stands for its command, ms. */
export const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
/** For how long a transaction is known, ms. */
export const KNOWN_MS = 2 * WEEK_MS;

/** Whether a key still stands for what was handed on under it, at a time in ms. */
export const standsAt = ({ at }: KeyUse, time: number): boolean => at > time - WEEK_MS;

export class KeyMemory {
  readonly #known = new Recent(KNOWN_MS);
  /** By key, oldest first: what was handed on under it. The last one counts; the others should that one be covered. */
  readonly #bound = new Map<string, readonly KeyUse[]>();
  readonly #keyOf = new Map<string, string>();
  #time = 0;

  /** The newest time that commands have told, ms. */
  get time(): number {
    return this.#time;
  }

  knows(transactionId: string): boolean {
    return this.#known.has(transactionId);
  }

  /** When a known transaction came, ms, and the key that it was handed on under, if it was. */
  cameAt(transactionId: string): { readonly at: number; readonly key: string | undefined } | undefined {
    const at = this.#known.since(transactionId);
    return at === undefined ? undefined : { at, key: this.#keyOf.get(transactionId) };
  }

  /** What the key stands for at a time, if it stands for anything: for a week from its first use. */
  boundTo(key: string, time: number): KeyUse | undefined {
    const use = this.#bound.get(key)?.at(-1);
    return use !== undefined && standsAt(use, time) ? use : undefined;
  }

  remember(use: KeyUse): void {
    this.#time = Math.max(this.#time, use.at);
    this.#known.add(use.transactionId, use.at);
    if (use.key === null || !use.forwarded) return;
    this.#keyOf.set(use.transactionId, use.key);
    const others = (this.#bound.get(use.key) ?? []).filter(({ transactionId }) => transactionId !== use.transactionId);
    // A use that recovery made anew can be older than the command that the key has come to stand for.
    this.#bound.set(
      use.key,
      [...others, use].sort((one, other) => one.at - other.at),
    );
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
    if (key === undefined) return;
    const others = (this.#bound.get(key) ?? []).filter((use) => use.transactionId !== transactionId);
    if (others.length === 0) this.#bound.delete(key);
    else this.#bound.set(key, others);
  }
}
