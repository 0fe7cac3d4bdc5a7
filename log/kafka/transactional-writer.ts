/**
 * Writes steps of one partition's processor, each in one transaction with the position of its input. Opening one fences
 * every older one of the same partition, wherever it runs: its transaction under way is aborted, and it never commits again.
 * After any error the outcome of the transaction is unknown; the writer is then good for nothing but to be closed.
 */
import type { Producer, Transaction } from 'kafkajs';
import type { NewRecord, Position } from '../event-log.ts';
import type { Connections } from './connections.ts';
import type { Failpoint } from './options.ts';
import { baseOffsets, namedPartition, type PlacedRecord, placed, topicMessages } from './produce.ts';
import { RequestSize, sizeOf } from './record-size.ts';
import { pause, within } from './waiting.ts';

/**
 * A transaction that ended is written to the partitions after its commit was answered, and until then the next one is
 * refused (CONCURRENT_TRANSACTIONS): kafkajs asks again after `initialRetryTime`, which therefore has to be short.
 */
const RETRY = { initialRetryTime: 3, multiplier: 1.5, factor: 0.2, maxRetryTime: 1000, retries: 16 };
const ADD_OFFSETS_PAUSE_MS = 3;
const OPEN_TIMEOUT_MS = 15_000;

export interface WriterOptions {
  readonly transactionalId: string;
  /** The consumer group that the positions are committed for. */
  readonly group: string;
  /** A transaction that takes longer is aborted by the broker. Until then it holds up those who read its partitions. */
  readonly timeoutMs: number;
  /** For `partitionOf`. */
  readonly partitions: number;
  readonly failpoint: (point: Failpoint) => Promise<void> | void;
}

export class TransactionalWriter {
  readonly #options: WriterOptions;
  readonly #producer: Producer;
  readonly #kill: () => void;

  private constructor(options: WriterOptions, producer: Producer, kill: () => void) {
    this.#options = options;
    this.#producer = producer;
    this.#kill = kill;
  }

  static async open(connections: Connections, options: WriterOptions): Promise<TransactionalWriter> {
    const { client, kill } = connections.kafka(RETRY, options.timeoutMs);
    const producer = client.producer({
      transactionalId: options.transactionalId,
      transactionTimeout: options.timeoutMs,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: namedPartition,
    });
    try {
      const fence = async () => {
        await producer.connect();
        // kafkajs fences with the first transaction; one without records never reaches the broker.
        await (await producer.transaction()).abort();
      };
      await within(OPEN_TIMEOUT_MS, 'fencing other owners of the partition', fence());
    } catch (error) {
      kill();
      throw error;
    }
    return new TransactionalWriter(options, producer, kill);
  }

  /**
   * Commits the records and the position of the input together. Resolves with the last offset written to each partition.
   * @throws when the outcome is unknown, or when it certainly did not commit: the difference cannot be told.
   */
  async commit(records: readonly NewRecord[], input: Position): Promise<readonly Position[]> {
    return within(this.#options.timeoutMs, 'a transaction', this.#commit(records, input));
  }

  /** Ends the connections at once: a transaction under way is aborted by the next owner, or by the broker in time. */
  close(): void {
    this.#kill();
  }

  async #commit(records: readonly NewRecord[], { topic, partition, offset }: Position): Promise<readonly Position[]> {
    const { failpoint, group, partitions } = this.#options;
    const transaction = await this.#producer.transaction();
    const last = new Map<string, Position>();
    await failpoint('before-produce');
    for (const request of requests(records, partitions)) {
      const sent = await transaction.sendBatch({ acks: -1, topicMessages: topicMessages(request) });
      noteLast(last, request, baseOffsets(sent));
    }
    await failpoint('after-produce');
    await failpoint('before-offsets');
    await addOffsets(transaction, {
      consumerGroupId: group,
      topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }],
    });
    await failpoint('after-offsets');
    await failpoint('before-commit');
    await transaction.commit();
    await failpoint('after-commit');
    return [...last.values()];
  }
}

/** A step larger than a request may be goes in several, still of one transaction. */
function* requests(records: readonly NewRecord[], partitions: number): Generator<PlacedRecord[]> {
  let size = new RequestSize();
  let request: PlacedRecord[] = [];
  for (const record of records) {
    const each = placed(record, partitions);
    const bytes = sizeOf(each);
    if (!size.fits(each.topic, each.partition, bytes)) {
      yield request;
      request = [];
      size = new RequestSize();
      size.fits(each.topic, each.partition, bytes);
    }
    request.push(each);
  }
  if (request.length > 0) yield request;
}

function noteLast(last: Map<string, Position>, request: readonly PlacedRecord[], nextOffsets: Map<string, number>) {
  for (const { topic, partition } of request) {
    const place = `${topic}/${partition}`;
    const offset = nextOffsets.get(place) ?? 0;
    nextOffsets.set(place, offset + 1);
    last.set(place, { topic, partition, offset });
  }
}

/** Without records before it, this is the transaction's first request, whose refusal kafkajs does not try again (#430). */
async function addOffsets(transaction: Transaction, offsets: Parameters<Transaction['sendOffsets']>[0]): Promise<void> {
  for (;;) {
    try {
      return await transaction.sendOffsets(offsets);
    } catch (error) {
      // The broker's time-out for the transaction, which the caller shares, ends this.
      if (!isConcurrent(error) || !transaction.isActive()) throw error;
      await pause(ADD_OFFSETS_PAUSE_MS);
    }
  }
}

function isConcurrent(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'CONCURRENT_TRANSACTIONS';
}
