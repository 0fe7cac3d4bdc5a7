/**
 * The one owner of each idempotency key. All that is asked under a key comes through one partition, in one order, whichever
 * gateway took it: the first command is handed on to its aggregate, unchanged, the same again is passed over, and another
 * one under the same key ends REJECTED. What it hands on, what it writes of rejections and what it will remember are one step,
 * so nothing comes through twice, and nothing is lost, whatever is killed or stands still.
 */

import type { Rejection } from '../domain/aggregate.ts';
import { advance } from '../domain/progress.ts';
import { aggregateOfCommand } from '../domain/registry.ts';
import { accepted, KEY_REUSED, type TransactionRecord } from '../domain/transaction.ts';
import type { LogRecord, NewRecord, PartitionProcess, Step } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { deadLetter } from '../records/dead-letter.ts';
import { type KeyedCommand, readKeyedCommand } from '../records/keyed-command.ts';
import { ownTombstone } from '../records/state-record.ts';
import { statusRecord } from '../records/status-record.ts';
import { KEY_USES, KEYS } from '../records/topics.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { PartitionStore } from '../store/partition-store.ts';
import { KeyMemory, standsAt } from './key-memory.ts';
import { getsDeadLetter, KeyRecovery, mending } from './key-recovery.ts';
import { type KeyUse, keyUseOf, keyUseOfUnreadable, keyUseRecord, SOURCE } from './key-use.ts';
import { RestorePoint } from './restore-point.ts';
import type { Observer } from './step-writer.ts';
import { endOfUnreadable } from './unreadable.ts';

export interface KeysProcessOptions {
  readonly partition: number;
  readonly partitions: number;
  readonly observer?: Observer | undefined;
  /** What is remembered of the partition; closed with the process. Default: one in memory. */
  readonly store?: PartitionStore | undefined;
  readonly now?: () => number;
}

/** Another form of what is kept in the store, or of how it is kept, needs another one. */
const SHAPE = '1 keys';
/** Most tombstones in one step. */
const MOST_FORGOTTEN = 1000;

export function openKeysProcess(options: KeysProcessOptions): PartitionProcess {
  const { now = Date.now, partition, store = new MemoryStore() } = options;
  const memory = new KeyMemory(store);
  const point = new RestorePoint({ store, partition, shape: SHAPE, compacted: [KEY_USES], shared: [], now });
  const recovery = new KeyRecovery(memory, point, options.partitions);
  const onward = (step: Step, position?: number): Step => ({
    records: step.records,
    committed(written, ends) {
      step.committed();
      point.wrote(step.records, written, ends, position);
      // Until all that is foreign has been mended on the log, the log is to be read from its beginning.
      if (!recovery.mends) point.save();
    },
  });
  /** Of steps that went ahead of their commits and have not been committed. */
  const ahead = new Map<Step, KeysStep>();
  const decide = (batch: readonly LogRecord[], step: KeysStep): Step => {
    for (const record of batch) step.handle(record);
    const last = batch.at(-1);
    return onward(step.finish(), last && last.offset + 1);
  };
  return {
    restoreFrom: (start) => point.begin(start),
    restore: (record) => recovery.restore(record),
    restored: (position) => recovery.restored(position, now()),
    settle(): Step | undefined {
      const mends = recovery.next();
      if (mends.length === 0) return undefined;
      const at = new Date(now()).toISOString();
      for (const { foreign } of mends) {
        if (foreign && getsDeadLetter(foreign.record))
          options.observer?.dead?.(foreign.record.topic, foreign.reason, foreign.record);
      }
      return onward({
        records: mends.flatMap((mend) => [...mending(mend, options.partition, at)]),
        committed: () => recovery.done(mends),
      });
    },
    step: (batch) => decide(batch, new KeysStep(options, memory, now())),
    stepAhead(batch, before): Step {
      const step = new KeysStep(options, memory, now(), before && ahead.get(before));
      const { records, committed } = decide(batch, step);
      const made: Step = {
        records,
        committed(written, ends) {
          committed(written, ends);
          ahead.delete(made);
          const [next] = ahead.values();
          next?.rebase();
        },
      };
      ahead.set(made, step);
      return made;
    },
    close: () => store.close(),
  };
}

/** One step, on top of a memory that it changes only once it is committed; or of a step that is not committed yet. */
class KeysStep {
  readonly #options: KeysProcessOptions;
  readonly #memory: KeyMemory;
  #before: KeysStep | undefined;
  readonly #now: number;
  readonly #at: string;
  /**
   * A logical clock: the latest time that the commands tell. It never goes back, and never beyond this machine's clock, so a
   * gateway whose clock is ahead cannot move it into the future.
   */
  #time: number;
  readonly #uses = new Map<string, KeyUse>();
  readonly #bound = new Map<string, KeyUse>();
  readonly #records: NewRecord[] = [];
  /** Those that this step ends. */
  readonly #ended: TransactionRecord[] = [];

  constructor(options: KeysProcessOptions, memory: KeyMemory, now: number, before?: KeysStep) {
    this.#options = options;
    this.#memory = memory;
    this.#before = before;
    this.#now = now;
    this.#at = new Date(now).toISOString();
    this.#time = before === undefined ? memory.time : before.#told();
  }

  /** What will be the memory's time when this step is committed. */
  #told(): number {
    const before = this.#before === undefined ? this.#memory.time : this.#before.#told();
    return [...this.#uses.values()].reduce((newest, { at }) => Math.max(newest, at), before);
  }

  /** The step before is committed. */
  rebase(): void {
    this.#before = undefined;
  }

  handle(record: LogRecord): void {
    try {
      this.#decide(readKeyedCommand(record, this.#options.partitions));
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.#setAside(record, error.message);
    }
  }

  finish(): Step {
    const memory = this.#memory;
    const uses = [...this.#uses.values()];
    // What the step before forgets is still in the memory.
    const old = this.#before === undefined ? memory.forgettable(this.#time, MOST_FORGOTTEN) : [];
    const forgotten = old.filter((id) => !this.#uses.has(id));
    const { partition } = this.#options;
    return {
      records: [
        ...this.#records,
        ...uses.map((use) => keyUseRecord(use, partition, this.#at)),
        ...forgotten.map((key) => ownTombstone({ topic: KEY_USES, partition, key }, SOURCE, this.#at)),
      ],
      committed: () => {
        for (const use of uses) memory.remember(use);
        memory.forget(forgotten);
        for (const transaction of this.#ended) this.#options.observer?.ended?.(transaction);
      },
    };
  }

  #decide(command: KeyedCommand): void {
    const { read, idempotency, forward } = command;
    const { observer } = this.#options;
    const { transactionId, at } = read.meta;
    this.#time = Math.max(this.#time, Math.min(Date.parse(at), this.#now));
    if (this.#knows(transactionId)) {
      observer?.repeated?.(KEYS);
      return;
    }
    const bound = this.#boundTo(idempotency.key);
    const use = keyUseOf(command, bound === undefined, this.#time);
    this.#uses.set(transactionId, use);
    if (bound === undefined) {
      this.#bound.set(idempotency.key, use);
      this.#records.push(forward);
    } else {
      this.#tell(rejectedTransaction(command, bound, this.#at));
      observer?.reused?.();
    }
  }

  /** A key bound earlier in this step may have run out already: after a long stop one step may hold more than a week. */
  #boundTo(key: string): KeyUse | undefined {
    return this.#boundHere(key, this.#time) ?? this.#memory.boundTo(key, this.#time);
  }

  #boundHere(key: string, time: number): KeyUse | undefined {
    const here = this.#bound.get(key);
    return here !== undefined && standsAt(here, time)
      ? here
      : this.#before === undefined
        ? undefined
        : this.#before.#boundHere(key, time);
  }

  #knows(transactionId: string): boolean {
    return this.#usedHere(transactionId) || this.#memory.knows(transactionId);
  }

  #usedHere(transactionId: string): boolean {
    if (this.#uses.has(transactionId)) return true;
    return this.#before === undefined ? false : this.#before.#usedHere(transactionId);
  }

  #setAside(record: LogRecord, reason: string): void {
    const aggregate = aggregateOfCommand(record.headers['ce_type'] ?? '') ?? KEYS;
    const end = endOfUnreadable(record, aggregate, reason, this.#at);
    if (end !== undefined && !this.#knows(end.id)) {
      this.#uses.set(end.id, keyUseOfUnreadable(end, this.#time));
      this.#tell(end);
    }
    this.#records.push(deadLetter(record, reason, this.#at, end !== undefined));
    this.#options.observer?.dead?.(record.topic, reason, record);
  }

  #tell(transaction: TransactionRecord): void {
    const { partition } = this.#options;
    this.#ended.push(transaction);
    this.#records.push(statusRecord(transaction, { source: SOURCE, partition, at: this.#at }));
  }
}

/** How the transaction ends of a command whose key stands for another one already. */
function rejectedTransaction(
  { aggregate, read, idempotency }: KeyedCommand,
  bound: KeyUse,
  at: string,
): TransactionRecord {
  const { transactionId: id, issuedBy, at: acceptedAt } = read.meta;
  const begun = accepted({
    id,
    command: read.command.type,
    aggregate,
    entityId: read.id,
    issuedBy,
    at: acceptedAt,
    idempotency,
  });
  const what = `${bound.command} of ${bound.entityId}, transaction ${bound.transactionId}`;
  const message =
    bound.body === idempotency.body
      ? `this idempotencyKey stands for the same ${what} already: that one counts`
      : `this idempotencyKey stands for another command already, ${what}: take another key`;
  const rejection: Rejection = { code: KEY_REUSED, message, field: 'idempotencyKey' };
  return advance(begun, { name: 'rejected', status: 'REJECTED', rejection }, at, 0);
}
