/**
 * Processes one partition for as long as it is ours: fence whoever had it before, restore, then one step after another from
 * the committed position. After any error the outcome of the step is unknown, so everything is thrown away and begun anew.
 */

import { BackOff } from '../../waiting/back-off.ts';
import { TimeSlice } from '../../waiting/time-slice.ts';
import { within } from '../../waiting/within.ts';
import type {
  NewRecord,
  PartitionProcess,
  PartitionStatus,
  Position,
  ProcessOptions,
  Step,
  WrittenTopics,
} from '../event-log.ts';
import { RestoreProgress } from '../restore-progress.ts';
import { restoreRecord } from '../restore-record.ts';
import { reasonOf } from './access-faults.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import type { HandOver } from './hand-over.ts';
import type { KafkaLogOptions } from './options.ts';
import { PartitionReader } from './partition-reader.ts';
import { placed } from './placed.ts';
import { positionOf, positionRecord } from './processor-positions.ts';
import type { Worker } from './running-workers.ts';
import { TransactionalWriter, type WrittenPosition } from './transactional-writer.ts';
import { WorkerState } from './worker-state.ts';

/** Longer than the brokers take by default to find that one of them is gone: the transactions under way then go on. */
const TRANSACTION_TIMEOUT_MS = 15_000;
/** The longest wait for the group to confirm the membership. Without the confirmation, fencing alone keeps two owners apart. */
const CONFIRM_TIMEOUT_MS = 5000;
const RESTORE_BATCH = 1000;
/** How often the ends of the restore topics are asked for while there are steps. */
const ENDS_EVERY_MS = 10_000;
/** After so long without a record, though there are more, the health says what is waited for. */
const SLOW_RESTORE_MS = 5000;

/** A process, and how far it knows its restore topics. */
interface Opened {
  readonly process: PartitionProcess;
  readonly progress: RestoreProgress;
}

interface Surroundings {
  readonly connections: Connections;
  readonly queries: ClusterQueries;
  /** Reads the input of all partitions that this processor has here. */
  readonly reader: PartitionReader;
  /** Between the processors of this process. */
  readonly handOver: HandOver;
  readonly log: KafkaLogOptions;
  readonly maxBatch: number;
  /** Resolves when the group has confirmed that we are a member. */
  confirmed(): Promise<void>;
  /** A step is committed: the position is told to lag monitors. */
  handled(position: Position): void;
  changed(): void;
}

export class ProcessWorker implements Worker {
  readonly #around: Surroundings;
  readonly #options: ProcessOptions;
  readonly #partition: number;
  readonly #state: WorkerState;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  readonly #backoff = new BackOff({ firstMs: 50, longestMs: 5000 });
  #restoring: PartitionReader | undefined;
  #written: readonly Position[] = [];
  #ends: ReadonlyMap<string, number> | undefined;
  #endsAt = Number.NEGATIVE_INFINITY;

  constructor(around: Surroundings, options: ProcessOptions, partition: number) {
    this.#around = around;
    this.#options = options;
    this.#partition = partition;
    this.#state = new WorkerState({ topic: options.input, partition });
    this.#running = this.#run();
  }

  get trouble(): string | undefined {
    return this.#state.trouble;
  }

  status(): PartitionStatus {
    return this.#state.status();
  }

  /** The last record that the last step wrote to each partition. */
  written(): readonly Position[] {
    return this.#written;
  }

  /** Resolves when the step under way is committed, or given up. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#state.close();
    await this.#restoring?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const { input } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#own();
      } catch (error) {
        if (signal.aborted) return;
        this.#state.failed = `partition ${this.#partition} of ${input}: ${reasonOf(error)}; opening it again`;
        this.#around.connections.logger.warn(
          { processor: this.#options.name, topic: input, partition: this.#partition, error: reasonOf(error) },
          'a step failed; the partition is opened again',
        );
        this.#state.state = 'restoring';
        this.#around.changed();
        await this.#backoff.wait(signal);
        // We were fenced: another member may own the partition by now. Fencing it again at once would go back and forth.
        await within(CONFIRM_TIMEOUT_MS, 'confirming the membership', this.#around.confirmed()).catch(() => undefined);
      }
    }
  }

  async #own(): Promise<void> {
    const { connections, log } = this.#around;
    const { name } = this.#options;
    const partition = this.#partition;
    const writer = await TransactionalWriter.open(connections, {
      transactionalId: `${name}-${partition}`,
      timeoutMs: TRANSACTION_TIMEOUT_MS,
      partitions: log.partitions,
      failpoint: (point) => log.failpoint?.(point, partition),
    });
    try {
      const process = this.#options.open(partition);
      this.#ends = undefined;
      const opened = { process, progress: new RestoreProgress(this.#options.restore, true) };
      try {
        for (
          let topics: readonly string[] = this.#options.restore, first = true;
          topics.length > 0 || first;
          first = false
        ) {
          if (!(await this.#restore(opened, topics, first))) return;
          topics = process.restored(this.#state.position) ?? [];
        }
        await this.#settle(opened, writer);
        await this.#work(opened, writer);
      } finally {
        process.close();
      }
    } finally {
      writer.close();
    }
  }

  /**
   * Finds the position and fills the memory. Only after fencing the former owner can nobody add to what is read here.
   * @param first the process says from where the topics are read; later ones are read from their beginnings
   * @returns false when stopped on the way.
   */
  async #restore({ process, progress }: Opened, topics: readonly string[], first: boolean): Promise<boolean> {
    const { connections, queries } = this.#around;
    const { input, positions } = this.#options;
    const places = [positions, ...topics].map((topic) => ({ topic, partition: this.#partition }));
    // Up to the high watermark, not only the committed end: a transaction of another processor may be open before what we
    // committed ourselves, and would hide it.
    const [inputEnd, positionsEnd, ...ends] = await queries.highWatermarks([
      { topic: input, partition: this.#partition },
      ...places,
    ]);
    this.#state.end = inputEnd?.offset ?? 0;
    const reader = new PartitionReader(connections, (detail) => {
      this.#state.trouble = detail;
    });
    this.#restoring = reader;
    try {
      if (this.#stopped.signal.aborted) return false;
      const place = { partition: this.#partition, offset: positionsEnd?.offset ?? 0 };
      const position = await positionOf(reader, queries, this.#options, place);
      this.#state.position = position;
      const from = first ? await this.#whereToBegin(process, position, ends) : undefined;
      // What was fetched is there at once: restoring a long history must not hold the event loop.
      const slice = new TimeSlice();
      const done = await Promise.all(
        ends.map(async (end) => {
          let next = from?.get(end.topic) ?? 0;
          progress.read(end.topic, next);
          if (next >= end.offset) return true;
          const stream = reader.open(end, next);
          while (next < end.offset) {
            const slow = setTimeout(() => this.#waitsFor(end, next), SLOW_RESTORE_MS);
            const taken = await stream.take(RESTORE_BATCH).finally(() => clearTimeout(slow));
            if (taken === undefined) return false;
            for (const record of taken.records) {
              if (slice.over()) await slice.next();
              if (this.#stopped.signal.aborted) return false;
              restoreRecord(process, record);
            }
            next = taken.next;
          }
          progress.read(end.topic, next);
          stream.close();
          return true;
        }),
      );
      return done.every(Boolean) && !this.#stopped.signal.aborted;
    } finally {
      this.#restoring = undefined;
      await reader.close();
    }
  }

  async #whereToBegin(
    process: PartitionProcess,
    position: number,
    ends: readonly Position[],
  ): Promise<ReadonlyMap<string, number> | undefined> {
    if (process.restoreFrom === undefined) return undefined;
    const log = await this.#around.queries.clusterId();
    return process.restoreFrom({ log, position, ends: new Map(ends.map(({ topic, offset }) => [topic, offset])) });
  }

  /** Another processor's transaction is open there: it ends by itself, or the broker ends it when its time is up. */
  #waitsFor({ topic, partition, offset }: Position, next: number): void {
    this.#state.trouble = `partition ${partition} of ${this.#options.input}: waiting for what stands on ${topic} from ${next} to ${offset} to be committed or aborted`;
    this.#around.changed();
  }

  /** Writes what the restoring asks for, with the position as it is. */
  async #settle({ process, progress }: Opened, writer: TransactionalWriter): Promise<void> {
    const position = positionRecord(this.#options, this.#partition, this.#state.position);
    while (!this.#stopped.signal.aborted) {
      const step = process.settle?.();
      if (step === undefined) return;
      this.#committed(step, await this.#write(writer, [...step.records, position]), progress);
    }
  }

  /** Commits a step, and hands what it asks to those who read it here. */
  async #write(writer: TransactionalWriter, step: readonly NewRecord[]): Promise<readonly WrittenPosition[]> {
    const { handOver, log } = this.#around;
    const records = step.map((record) => placed(record, log.partitions));
    const underWay = handOver.begin(records);
    try {
      const written = await writer.commit(records);
      underWay.committed(written);
      return written;
    } catch (error) {
      underWay.failed();
      throw error;
    }
  }

  async #work({ process, progress }: Opened, writer: TransactionalWriter): Promise<void> {
    const { place, position: start } = this.#state;
    const { handOver, reader, maxBatch } = this.#around;
    const stream = this.#state.open(reader.open(place, start));
    const receivesNoMore = handOver.receive(stream);
    try {
      this.#state.state = 'running';
      this.#state.trouble = undefined;
      if (this.#state.position >= this.#state.end) this.#state.failed = undefined;
      this.#around.changed();
      while (!this.#stopped.signal.aborted) {
        await stream.some();
        await handOver.gathered(place, maxBatch);
        const taken = await stream.take(maxBatch);
        if (taken === undefined) return;
        if (taken.records.length > 0) {
          if (process.restoreFrom !== undefined) await this.#askForEnds();
          const step = process.step(taken.records);
          const position = positionRecord(this.#options, this.#partition, taken.next);
          this.#committed(step, await this.#write(writer, [...step.records, position]), progress);
          this.#around.handled({ ...place, offset: taken.next });
          this.#backoff.reset();
        }
        this.#state.position = taken.next;
        this.#state.failed = undefined;
        this.#around.changed();
      }
    } finally {
      receivesNoMore();
      this.#state.close();
    }
  }

  /**
   * Told with the step that follows: that it commits shows that nobody else had the partition when they were asked for. Not
   * asked for in the middle of a step, whose own records might stand before them.
   */
  async #askForEnds(): Promise<void> {
    if (performance.now() < this.#endsAt + ENDS_EVERY_MS) return;
    this.#endsAt = performance.now();
    const places = this.#options.restore.map((topic) => ({ topic, partition: this.#partition }));
    const asked = this.#around.queries.highWatermarks(places);
    // Without them a restart reads a little more.
    const ends = await asked.catch(() => undefined);
    this.#ends = ends && new Map(ends.map(({ topic, offset }) => [topic, offset]));
  }

  #committed(step: Step, written: readonly WrittenPosition[], progress: RestoreProgress): void {
    this.#written = written;
    const here = written.filter(({ partition }) => partition === this.#partition);
    const topics: WrittenTopics = progress.wrote(
      here.map(({ topic, offset: last, first, count }) => ({ topic, first, last, count })),
    );
    step.committed(topics, this.#ends);
  }
}
