/**
 * The steps that one partition's process takes ahead of the disk, from when it has handled all that is there until it has to read
 * from the disk again. See `going-ahead.ts`.
 */
import type { LogRecord, PartitionProcess, Position, Step } from '../event-log.ts';
import type { Ahead } from './going-ahead.ts';
import { sizeOf } from './recent-records.ts';
import { READ_BYTES } from './storage.ts';
import type { WriteBatch } from './write-batch.ts';

interface Staged {
  readonly step: Step;
  readonly positions: readonly Position[];
  readonly ends: ReadonlyMap<string, number>;
  readonly next: number;
}

export interface StepsAheadOptions {
  /** The offset of the next record to be handled: all before it is on the disk. */
  readonly next: number;
  readonly stepAhead: NonNullable<PartitionProcess['stepAhead']>;
  readonly maxBatch: number;
  /** Adds a step to the batch, with the position behind its input. @returns where its records will stand */
  write(step: Step, next: number, batch: WriteBatch): readonly Position[];
  /** Where the restore topics will end with the batch as it is. */
  ends(batch: WriteBatch): ReadonlyMap<string, number>;
  /** A step is on the disk. */
  committed(step: Step, positions: readonly Position[], ends: ReadonlyMap<string, number>, next: number): void;
  /** It can go on no more, and nothing is under way: no other of these is called afterwards. */
  ended(next: number): void;
  /** The process must be thrown away, and nothing is under way. */
  failed(error: unknown): void;
}

export class StepsAhead implements Ahead {
  readonly #options: StepsAheadOptions;
  /** In the batch that is being made or written. */
  #staged: Staged[] = [];
  #next: number;
  #committed: number;
  #broken: { readonly error: unknown } | undefined;
  #ending = false;

  constructor(options: StepsAheadOptions) {
    this.#options = options;
    this.#next = options.next;
    this.#committed = options.next;
  }

  get next(): number {
    return this.#next;
  }

  take(records: readonly LogRecord[], batch: WriteBatch): void {
    if (this.#broken !== undefined || this.#ending) return;
    const { stepAhead, maxBatch, write, ends } = this.#options;
    const some = firstOf(records, maxBatch);
    const next = (some.at(-1)?.offset ?? this.#next - 1) + 1;
    try {
      const step = stepAhead(some, this.#staged.at(-1)?.step);
      const positions = write(step, next, batch);
      this.#staged.push({ step, positions, ends: ends(batch), next });
      this.#next = next;
    } catch (error) {
      // The steps before it are in the batch and may be on the disk soon: the process is thrown away after that.
      this.#broken = { error };
    }
  }

  committed(): void {
    const staged = this.#staged;
    this.#staged = [];
    try {
      for (const { step, positions, ends, next } of staged) {
        this.#options.committed(step, positions, ends, next);
        this.#committed = next;
      }
    } catch (error) {
      this.#broken ??= { error };
    }
    if (this.#broken !== undefined) this.#options.failed(this.#broken.error);
    else if (this.#ending) this.#options.ended(this.#committed);
  }

  failed(error: unknown): void {
    this.#staged = [];
    this.#options.failed(error);
  }

  /** It goes on no more: `ended` is called, at once or when what is under way is on the disk. */
  end(): void {
    this.#ending = true;
    if (this.#staged.length === 0 && this.#broken === undefined) this.#options.ended(this.#committed);
  }
}

/** As many of them as one step takes, which blocks the event loop: no more bytes than one that reads from the disk is given. */
function firstOf(records: readonly LogRecord[], most: number): readonly LogRecord[] {
  let bytes = 0;
  const enough = records.findIndex((record) => {
    bytes += sizeOf(record);
    return bytes >= READ_BYTES;
  });
  return records.slice(0, enough === -1 ? most : Math.min(most, enough + 1));
}
