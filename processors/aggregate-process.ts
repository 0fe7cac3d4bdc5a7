/**
 * Runs one aggregate on one partition of its commands: fills the memory, then takes one step per batch. A step is synchronous
 * and works on a draft of the memory, so one that is not committed leaves nothing behind. One that goes ahead works on a draft of
 * the draft before it.
 */
import type { Catalogue, Versioned } from '../domain/index.ts';
import { isFinal, type TransactionRecord } from '../domain/transaction.ts';
import type { LogRecord, PartitionProcess, Step } from '../log/event-log.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { PartitionStore } from '../store/partition-store.ts';
import type { Draft } from './draft.ts';
import { Memory } from './memory.ts';
import { StateCache } from './state-cache.ts';
import { type Observer, StepWriter, type StepWriterOptions } from './step-writer.ts';

/** Work beside the steps that looks at the memory, such as deadlines. Nothing is called after `close`. */
export interface Companion<S> {
  /** Restore topics whose records are for it alone. */
  readonly topics: readonly string[];
  /** Called for every record of those, before `restored`. */
  restore(record: LogRecord): void;
  /** @param pending the states of all entities that are pending */
  restored(pending: ReadonlyMap<string, S>): void;
  /** `next` is the offset behind the last command of the step. */
  committed(changed: ReadonlyMap<string, S>, next: number): void;
  close(): void;
}

export interface AggregateProcessOptions<C extends Catalogue, E extends Catalogue, S extends Versioned, P>
  extends StepWriterOptions<C, E, S, P> {
  readonly companion?: Companion<S> | undefined;
  /** What is remembered of the partition; closed with the process. Default: one in memory. */
  readonly store?: PartitionStore | undefined;
  /** Default: one of its own, of 64 MiB. */
  readonly cache?: StateCache | undefined;
  /** Stamps follow-up commands; the domain never sees it but through their metadata. */
  readonly now?: () => number;
}

/** The process of one aggregate on one partition, for `EventLog.process`. */
export function openAggregateProcess<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  options: AggregateProcessOptions<C, E, S, P>,
): PartitionProcess {
  const { aggregate, partition, partitions, companion, tellsOfStatuses, now = Date.now } = options;
  const { store = new MemoryStore(), cache = new StateCache(64 * 2 ** 20) } = options;
  const alongside = companion?.topics ?? [];
  const memory = new Memory({
    aggregate,
    partition,
    partitions,
    store,
    cache,
    now,
    alongside,
    tellsOfStatuses: tellsOfStatuses === true,
  });
  /** Of steps that went ahead of their commits, the oldest first. */
  const ahead = new Map<Step, Draft<C, E, S, P>>();
  const decide = (batch: readonly LogRecord[], draft: Draft<C, E, S, P>): Step => {
    const writer = new StepWriter(options, draft, new Date(now()).toISOString());
    for (const record of batch) writer.handle(record);
    const records = writer.finish();
    const made: Step = {
      records,
      committed: (written, ends) => {
        const last = batch.at(-1);
        const position = last && last.offset + 1;
        memory.merge(draft, records, { written, ends, position });
        ahead.delete(made);
        const [next] = ahead.values();
        next?.rebase(memory);
        if (position !== undefined) companion?.committed(draft.states, position);
        tellOfEnds(draft.transactions.values(), options.observer);
      },
    };
    return made;
  };
  const step = (batch: readonly LogRecord[]): Step => decide(batch, memory.draft());
  const stepAhead = (batch: readonly LogRecord[], before: Step | undefined): Step => {
    const draft = memory.draft(before && ahead.get(before));
    const made = decide(batch, draft);
    ahead.set(made, draft);
    return made;
  };
  return {
    restoreFrom: (start) => memory.restoreFrom(start),
    restore: (record) => {
      if (companion === undefined || !alongside.includes(record.topic)) return memory.restore(record);
      memory.restoreAlongside(record, (each) => companion.restore(each));
    },
    restored: (position) => {
      const alsoNeeded = memory.restored(position);
      if (alsoNeeded.length === 0) companion?.restored(memory.pending());
      return alsoNeeded;
    },
    // Foreign records are set aside at once: a partition without commands may have no step for a long time.
    settle: () => (memory.foreign.length > 0 ? step([]) : undefined),
    step,
    stepAhead,
    close: () => {
      companion?.close();
      memory.clear();
      store.close();
    },
  };
}

function tellOfEnds(transactions: Iterable<TransactionRecord>, observer: Observer | undefined): void {
  if (observer?.ended === undefined) return;
  for (const transaction of transactions) if (isFinal(transaction.status)) observer.ended(transaction);
}
