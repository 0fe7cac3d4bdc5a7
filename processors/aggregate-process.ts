/**
 * Runs one aggregate on one partition of its commands: fills the memory, then takes one step per batch. A step is synchronous
 * and works on a draft of the memory, so one that is not committed leaves nothing behind.
 */
import type { Catalogue, Versioned } from '../domain/index.ts';
import type { LogRecord, PartitionProcess, Step } from '../log/event-log.ts';
import { Memory } from './memory.ts';
import { StepWriter, type StepWriterOptions } from './step-writer.ts';

/** Work beside the steps that looks at the memory, such as deadlines. Nothing is called after `close`. */
export interface Companion<S> {
  /** Restore topics whose records are for it alone. */
  readonly topics: readonly string[];
  /** Called for every record of those, before `restored`. */
  restore(record: LogRecord): void;
  restored(states: ReadonlyMap<string, S>): void;
  /** `next` is the offset behind the last command of the step. */
  committed(changed: ReadonlyMap<string, S>, next: number): void;
  close(): void;
}

export interface AggregateProcessOptions<C extends Catalogue, E extends Catalogue, S extends Versioned, P>
  extends StepWriterOptions<C, E, S, P> {
  readonly companion?: Companion<S> | undefined;
  /** Stamps follow-up commands; the domain never sees it but through their metadata. */
  readonly now?: () => number;
}

/** The process of one aggregate on one partition, for `EventLog.process`. */
export function openAggregateProcess<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  options: AggregateProcessOptions<C, E, S, P>,
): PartitionProcess {
  const { aggregate, companion, now = Date.now } = options;
  const memory = new Memory(aggregate, options.partitions);
  const step = (batch: readonly LogRecord[]): Step => {
    const writer = new StepWriter(options, memory.draft(), new Date(now()).toISOString());
    for (const record of batch) writer.handle(record);
    return {
      records: writer.finish(),
      committed: () => {
        writer.draft.merge(now());
        const last = batch.at(-1);
        if (last !== undefined) companion?.committed(writer.draft.states, last.offset + 1);
      },
    };
  };
  return {
    restore: (record) => {
      if (companion?.topics.includes(record.topic)) companion.restore(record);
      else memory.restore(record);
    },
    restored: () => {
      const alsoNeeded = memory.restored();
      if (alsoNeeded.length === 0) companion?.restored(memory.states);
      return alsoNeeded;
    },
    // Foreign records are set aside at once: a partition without commands may have no step for a long time.
    settle: () => (memory.recovery.next().length > 0 ? step([]) : undefined),
    step,
    close: () => companion?.close(),
  };
}
