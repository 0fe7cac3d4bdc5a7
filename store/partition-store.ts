/**
 * The port of the store: what a processor keeps of one partition, as texts by table and key. All of it can be restored from
 * the log, so it may be lost at any time; but it is never half of a step. A store may hold what is put for a while, and write
 * it later: everything up to a `save`, together with the point that was given there, or nothing of it.
 */

/** Which entries of a table, in the order of their keys. */
export interface StoreRange {
  /** The first key; left out: from the beginning. */
  readonly from?: string;
  /** Keys from this one on are left out. */
  readonly below?: string;
  readonly most: number;
}

export interface PartitionStore {
  /** The point of the last `save` that was written; undefined for a store that is new or was wiped. */
  readonly saved: string | undefined;
  /** What was put last, written or not. @throws {StoreFailed} */
  get(table: string, key: string): string | undefined;
  /** Keys must be at most 1,000 bytes long: see `storeKey`. */
  put(table: string, key: string, value: string): void;
  remove(table: string, key: string): void;
  /** Puts or, without a value, removes what belongs to no step: it may be written with an earlier point, or a later one. */
  putAside(table: string, key: string, value: string | undefined): void;
  /** It may write what is held: call it between steps only. @throws {StoreFailed} */
  range(table: string, range: StoreRange): readonly (readonly [key: string, value: string])[];
  /**
   * All that was put until now belongs together. `point` tells up to where the log is reflected; it is called when the store
   * writes, before anything else is put.
   * @throws {StoreFailed} when it could not write: the store is not to be used any more
   */
  save(point: () => string): void;
  /** Writes what is held before there is a point, so that it does not fill the memory. @throws {StoreFailed} */
  spill(): void;
  /** Removes everything, the point first. @param reason for people */
  wipe(reason: string): void;
  /** Writes what is held, as far as it belongs to a `save`. Never throws. */
  close(): void;
}

/** The stores of one process. */
export interface Stores {
  /** Whether what is put outlives the process. */
  readonly lasting: boolean;
  /**
   * That of a processor's partition. The one before for the same partition must have been closed.
   * @param processor its name, as in `Processor`
   */
  open(processor: string, partition: number): PartitionStore;
  /** Writes all that is held, and lets go of files. All its stores must have been closed. */
  close(): Promise<void>;
}

/** The store cannot be read or written any more. What it held can be restored from the log. */
export class StoreFailed extends Error {
  override readonly name = 'StoreFailed';
}
