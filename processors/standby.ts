/**
 * Standby copies: what other processes' partitions would have this one read, should they become its own, read ahead of time.
 * Now and then each partition that is not owned here is opened as its owner opens it, restored from where its kept states stand
 * up to the log's end, and closed again. It decides nothing and writes nothing to the log. Whoever takes the partition over then
 * restores from those states, and reads what came since.
 */
import type { EventLog, PartitionProcess, Position, ProcessOptions } from '../log/event-log.ts';
import { restoreRecord } from '../log/restore-record.ts';
import { pause } from '../waiting/pause.ts';
import { TimeSlice } from '../waiting/time-slice.ts';
import { within } from '../waiting/within.ts';

export interface StandbyOptions {
  readonly log: Pick<EventLog, 'committed' | 'ends' | 'identity' | 'read'>;
  /** From the end of one round to the beginning of the next. */
  readonly everyMs: number;
  /** Whether a copy would be there when the partition is opened: else none is made. Default: it is. */
  lasting?(): boolean;
  /** A copy could not be brought up to date; it is tried again. */
  onTrouble?(error: unknown): void;
  readonly now?: () => number;
}

/** A copy is brought up to date at least so often, also without anything new: one that is half a day old is not trusted. */
const ALWAYS_AFTER_MS = 60 * 60 * 1000;
/** A copy with records that only their owner can mend is left alone for so long. */
const LEFT_ALONE_MS = 10 * 60 * 1000;
/** What the log has not answered by then is asked in the next round. Longer than a transaction may stay open before a record. */
const ANSWER_MS = 30_000;
/** What is being read when the process stops gets so long to end. */
const STOP_MS = 5000;

interface Copied {
  /** The ends of its topics then. */
  readonly ends: string;
  readonly at: number;
  /** It is left alone until then. */
  readonly notBefore: number;
}

/** One processor, with the partitions that this process has of it. */
interface Processor {
  readonly options: ProcessOptions;
  readonly partitions: number;
  readonly owned: Set<number>;
  readonly copied: Map<number, Copied>;
}

/** A partition that is open here for its copy, until the copy is complete or the partition becomes our own. */
class Opened {
  readonly process: PartitionProcess;
  #ended = false;

  constructor(process: PartitionProcess) {
    this.process = process;
  }

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.process.close();
  }
}

/** All copies of one process. */
export class Standby {
  readonly #options: StandbyOptions;
  readonly #now: () => number;
  readonly #processors = new Map<string, Processor>();
  readonly #stopped = new AbortController();
  #opened: { readonly of: Processor; readonly partition: number; readonly opened: Opened } | undefined;
  #running: Promise<void> | undefined;

  constructor(options: StandbyOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** The same processor, to be run in place of it: partitions that it is not given are copied. */
  beside(options: ProcessOptions, partitions: number): ProcessOptions {
    const of: Processor = { options, partitions, owned: new Set(), copied: new Map() };
    this.#processors.set(options.name, of);
    return {
      ...options,
      open: (partition) => {
        // Its store has one user at a time.
        if (this.#opened?.of === of && this.#opened.partition === partition) this.#opened.opened.end();
        of.copied.delete(partition);
        const process = options.open(partition);
        of.owned.add(partition);
        const close = () => {
          process.close();
          of.owned.delete(partition);
        };
        return { ...process, close };
      },
    };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#opened?.opened.end();
    await within(STOP_MS, 'ending standby copies', this.#running ?? Promise.resolve()).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const { everyMs, onTrouble } = this.#options;
    while (!signal.aborted) {
      await pause(everyMs, { signal, ref: false });
      for (const name of this.#processors.keys()) {
        if (signal.aborted) return;
        try {
          await this.round(name);
        } catch (error) {
          if (!signal.aborted) onTrouble?.(error);
        }
      }
    }
  }

  /** Brings the copies of one processor up to date, one after another. Called by the timer, and by tests in its place. */
  async round(name: string): Promise<void> {
    const of = this.#processors.get(name);
    if (of === undefined || of.owned.size === of.partitions || this.#options.lasting?.() === false) return;
    const { log } = this.#options;
    const { restore } = of.options;
    const questions = async () => {
      const identity = await log.identity();
      // The position first: what it stands for is on the topics then.
      const positions = await log.committed(of.options);
      return { identity, positions, ends: await log.ends(restore) };
    };
    const { identity, positions, ends } = await within(ANSWER_MS, 'asking the log for its ends', questions());
    for (let partition = 0; partition < of.partitions; partition++) {
      if (this.#stopped.signal.aborted) return;
      const there = new Map(ends.filter((each) => each.partition === partition).map((end) => [end.topic, end.offset]));
      if (of.owned.has(partition) || !this.#isDue(of, partition, there)) continue;
      await this.#copy(of, { partition, offset: offsetOf(positions, partition) }, identity, there);
    }
  }

  #isDue({ copied }: Processor, partition: number, ends: ReadonlyMap<string, number>): boolean {
    const last = copied.get(partition);
    if (last === undefined) return true;
    const now = this.#now();
    return now >= last.notBefore && (last.ends !== textOf(ends) || now - last.at >= ALWAYS_AFTER_MS);
  }

  async #copy(
    of: Processor,
    { partition, offset }: Omit<Position, 'topic'>,
    log: string,
    ends: ReadonlyMap<string, number>,
  ): Promise<void> {
    const opened = new Opened(of.options.open(partition));
    this.#opened = { of, partition, opened };
    try {
      const from = opened.process.restoreFrom?.({ log, position: offset, ends });
      const sound = await this.#restore(opened, of.options.restore, { partition, offset }, from);
      if (opened.ended) return;
      const at = this.#now();
      of.copied.set(partition, { ends: textOf(ends), at, notBefore: sound ? at : at + LEFT_ALONE_MS });
    } finally {
      this.#opened = undefined;
      opened.end();
    }
  }

  /** @returns false when it needs more than its own topics: something on them is to be mended by the owner */
  async #restore(
    opened: Opened,
    topics: readonly string[],
    { partition, offset }: Omit<Position, 'topic'>,
    from?: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    // The states, which come first, are read last: whatever the other topics tell of has its state there by then.
    for (const topic of [...topics].reverse()) {
      await this.#read(opened, { topic, partition, offset: from?.get(topic) ?? 0 });
      if (opened.ended) return true;
    }
    const needed = opened.process.restored(offset) ?? [];
    if (needed.length === 0) return true;
    if (needed.some((topic) => !topics.includes(topic))) return false;
    // The store did not fit the log and is filled anew.
    return await this.#restore(opened, needed, { partition, offset });
  }

  async #read(opened: Opened, { topic, partition, offset }: Position): Promise<void> {
    const slice = new TimeSlice();
    const reading = this.#options.log.read({ topic, partition }, offset)[Symbol.asyncIterator]();
    const next = () => within(ANSWER_MS, `reading partition ${partition} of ${topic}`, reading.next());
    try {
      for (let some = await next(); !some.done && !opened.ended; some = await next()) {
        for (const record of some.value) {
          if (opened.ended) return;
          restoreRecord(opened.process, record);
          if (slice.over()) await slice.next();
        }
      }
    } finally {
      // Not waited for: a reading that hangs ends when the log answers, or is closed.
      void reading.return?.().catch(() => undefined);
    }
  }
}

function offsetOf(positions: readonly Position[], partition: number): number {
  return positions.find((each) => each.partition === partition)?.offset ?? 0;
}

function textOf(ends: ReadonlyMap<string, number>): string {
  return JSON.stringify([...ends]);
}
