/**
 * Makes uses of keys anew from `keys.commands`, which are kept for ever: for transactions whose records were replaced by
 * foreign ones. Only commands before the processor's position count. Those have been decided, and would take effect twice if
 * they were not known. Those after it are still to be decided, and would be lost if they were known already.
 */
import { aggregateOfCommand } from '../domain/registry.ts';
import type { LogRecord } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { readKeyedCommand } from '../records/keyed-command.ts';
import { KEYS } from '../records/topics.ts';
import { type KeyMemory, KNOWN_MS, WEEK_MS } from './key-memory.ts';
import { type KeyUse, keyUseOf, keyUseOfUnreadable } from './key-use.ts';
import { endOfUnreadable } from './unreadable.ts';

/**
 * Clock skew: gateways' clocks differ by less. The time made anew may be behind the owner's by as much, because repeats moved
 * the owner's time too.
 */
const CLOCKS_DIFFER_MS = 60 * 60 * 1000;

export interface KeyReplayOptions {
  /** What the uses tell that can be read. */
  readonly memory: Pick<KeyMemory, 'cameAt' | 'time'>;
  readonly partitions: number;
  /** The transactions to make anew; `all`: all that are unknown. */
  readonly needed: ReadonlySet<string> | 'all';
  /** All commands before it have been decided. */
  readonly position: number;
  /** ms; no command's time is taken to be after it. */
  readonly now: number;
}

export class KeyReplay {
  readonly #options: KeyReplayOptions;
  readonly #made = new Map<string, KeyUse>();
  /** When each key was last bound, ms: it stands for a week. */
  readonly #boundAt = new Map<string, number>();
  #time = 0;

  constructor(options: KeyReplayOptions) {
    this.#options = options;
  }

  /** The next record of `keys.commands`, in order. */
  take(record: LogRecord): void {
    const { memory, needed, position } = this.#options;
    if (record.offset >= position) return;
    const id = record.headers['ce_transactionid'] ?? '';
    const known = memory.cameAt(id);
    if (known !== undefined) {
      this.#time = Math.max(this.#time, known.at);
      if (known.key !== undefined) this.#bind(known.key, known.at);
    } else if (!this.#made.has(id) && (needed === 'all' || needed.has(id))) this.#makeAnew(record);
  }

  /** Those that a processor would still know. Where gateways' clocks differ, their times may differ as much from what was. */
  uses(): readonly KeyUse[] {
    const newest = Math.max(this.#options.memory.time, this.#time);
    return [...this.#made.values()].filter(({ at }) => at >= newest - KNOWN_MS);
  }

  /** As the owner of the keys decided it: see `keys-process.ts`. */
  #makeAnew(record: LogRecord): void {
    const { partitions, now } = this.#options;
    try {
      const command = readKeyedCommand(record, partitions);
      this.#time = Math.max(this.#time, Math.min(Date.parse(command.read.meta.at), now));
      const { key } = command.idempotency;
      const boundAt = this.#boundAt.get(key);
      // Near the end of a key's week the owner may have decided either way. Assume that this command was handed on: that is
      // safe, because no other comes through under the key then.
      const free = boundAt === undefined || boundAt <= this.#time - WEEK_MS + CLOCKS_DIFFER_MS;
      if (free) this.#bind(key, this.#time);
      this.#add(keyUseOf(command, free, this.#time));
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      const aggregate = aggregateOfCommand(record.headers['ce_type'] ?? '') ?? KEYS;
      const end = endOfUnreadable(record, aggregate, error.message, new Date(now).toISOString());
      if (end !== undefined) this.#add(keyUseOfUnreadable(end, this.#time));
    }
  }

  #add(use: KeyUse): void {
    this.#made.set(use.transactionId, use);
  }

  /** A repeat of an older command does not take the key back. */
  #bind(key: string, at: number): void {
    this.#boundAt.set(key, Math.max(this.#boundAt.get(key) ?? 0, at));
  }
}
