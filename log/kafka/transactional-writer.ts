/**
 * Writes steps of one partition's processor, each in one transaction with the position of its input. Opening one fences
 * every older one of the same partition, wherever it runs: its transaction under way is aborted, and it never commits again.
 *
 * A transaction takes three round trips: its partitions are added in one request, their batches go to all leaders at once,
 * and it is ended. What fails on the way is sent again as it was, with the same sequence numbers (`batch-sender.ts`), so a
 * broker that goes, or a partition that moves, neither doubles nor drops anything. After an error the outcome of the
 * transaction is unknown; the writer is then good for nothing but to be closed.
 */

import { within } from '../../waiting/within.ts';
import type { NewRecord, Position, TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';
import { type Batch, BatchSender } from './batch-sender.ts';
import type { Connections } from './connections.ts';
import { encodeBatch, type ProducerIdentity } from './encode-batch.ts';
import type { Failpoint } from './options.ts';
import { type PlacedRecord, placed } from './placed.ts';
import { MAX_BATCH_BYTES, sizeOf, tooLarge } from './record-size.ts';
import { TransactionCoordinator } from './transaction-coordinator.ts';

const OPEN_TIMEOUT_MS = 15_000;
/** Sequence numbers have 31 bits. */
const SEQUENCES = 2 ** 31;

export interface WriterOptions {
  readonly transactionalId: string;
  /** A transaction that takes longer is aborted by the broker. Until then it holds up those who read its partitions. */
  readonly timeoutMs: number;
  /** For `partitionOf`. */
  readonly partitions: number;
  readonly failpoint: (point: Failpoint) => Promise<void> | void;
}

/** The last record that a transaction wrote to a partition, with its first one there and their number. */
export interface WrittenPosition extends Position {
  readonly first: number;
  readonly count: number;
}

export class TransactionalWriter {
  readonly #options: WriterOptions;
  readonly #sender: BatchSender;
  readonly #coordinator: TransactionCoordinator;
  readonly #identity: ProducerIdentity;
  /** The next sequence number of each partition. */
  readonly #sequences = new Map<string, number>();

  private constructor(
    options: WriterOptions,
    sender: BatchSender,
    coordinator: TransactionCoordinator,
    identity: ProducerIdentity,
  ) {
    this.#options = options;
    this.#sender = sender;
    this.#coordinator = coordinator;
    this.#identity = identity;
  }

  static async open(connections: Connections, options: WriterOptions): Promise<TransactionalWriter> {
    const sender = new BatchSender(connections, options.transactionalId);
    const coordinator = new TransactionCoordinator(sender.link, options.transactionalId);
    try {
      const fenced = coordinator.initProducer(options.timeoutMs);
      const identity = await within(OPEN_TIMEOUT_MS, 'fencing other owners of the partition', fenced);
      return new TransactionalWriter(options, sender, coordinator, identity);
    } catch (error) {
      const ended = new Error('the writer could not be opened');
      coordinator.stop(ended);
      sender.close(ended);
      throw error;
    }
  }

  /**
   * Commits the records together. Resolves with what was written to each partition; `offset` is that of its last record.
   * @throws when the outcome is unknown, or when it certainly did not commit: the difference cannot be told.
   */
  async commit(records: readonly NewRecord[]): Promise<readonly WrittenPosition[]> {
    const { timeoutMs } = this.#options;
    const late = () => {
      const reason = this.#coordinator.trouble ?? this.#sender.trouble;
      return new Error(`a transaction took longer than ${timeoutMs} ms${reason === undefined ? '' : `: ${reason}`}`);
    };
    return within(timeoutMs, late, this.#commit(records));
  }

  /** Ends the connections at once: a transaction under way is aborted by the next owner, or by the broker in time. */
  close(): void {
    const ended = new Error('the writer was closed');
    this.#coordinator.stop(ended);
    this.#sender.close(ended);
  }

  async #commit(records: readonly NewRecord[]): Promise<readonly WrittenPosition[]> {
    const { failpoint, partitions } = this.#options;
    const byPlace = new Map<string, PlacedRecord[]>();
    for (const record of records) {
      const each = placed(record, partitions);
      const place = placeOf(each);
      const of = byPlace.get(place);
      if (of === undefined) byPlace.set(place, [each]);
      else of.push(each);
    }
    const places = [...byPlace.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
    await failpoint('before-add-partitions');
    const added = this.#coordinator.addPartitions(this.#identity, places);
    // If encoding throws, nobody waits for the answer.
    added.catch(() => undefined);
    // Encoded while the request is under way.
    const encoded = [...byPlace.values()].map((of) => [...batches(of)].map((batch) => this.#encoded(batch)));
    await added;
    await failpoint('before-produce');
    const last = await Promise.all(encoded.map((of) => this.#produce(of)));
    await failpoint('after-produce');
    await failpoint('before-commit');
    await this.#coordinator.commit(this.#identity);
    await failpoint('after-commit');
    return last;
  }

  /** All records of one partition: in one batch, or, if they are more than it may hold, in several, one after another. */
  async #produce(all: readonly EncodedStep[]): Promise<WrittenPosition> {
    let last: WrittenPosition | undefined;
    for (const { batch, length } of all) {
      const { topic, partition } = batch;
      const sent = await this.#sender.send(batch);
      const { first, count }: Pick<WrittenPosition, 'first' | 'count'> = last ?? { first: sent, count: 0 };
      last = { topic, partition, offset: sent + length - 1, first, count: count + length };
    }
    if (last === undefined) throw new Error('a batch without records');
    return last;
  }

  #encoded({ place: { topic, partition }, records }: OneBatch): EncodedStep {
    const place = placeOf({ topic, partition });
    const baseSequence = this.#sequences.get(place) ?? 0;
    this.#sequences.set(place, (baseSequence + records.length) % SEQUENCES);
    const options = { ...this.#identity, baseSequence, transactional: true, timestamp: Date.now() };
    const bytes = encodeBatch(records, options);
    return { batch: { topic, partition, encode: () => bytes }, length: records.length };
  }
}

/** A batch of a step, and the number of its records. */
interface EncodedStep {
  readonly batch: Batch;
  readonly length: number;
}

interface OneBatch {
  readonly place: TopicPartition;
  readonly records: readonly PlacedRecord[];
}

/** @throws {RangeError} for a record that is larger than a batch may be */
function* batches(records: readonly PlacedRecord[]): Generator<OneBatch> {
  let bytes = 0;
  let batch: PlacedRecord[] = [];
  for (const record of records) {
    const size = sizeOf(record);
    if (size > MAX_BATCH_BYTES) throw tooLarge(record, size);
    if (batch.length > 0 && bytes + size > MAX_BATCH_BYTES) {
      yield { place: record, records: batch };
      [bytes, batch] = [0, []];
    }
    bytes += size;
    batch.push(record);
  }
  const [first] = batch;
  if (first !== undefined) yield { place: first, records: batch };
}
