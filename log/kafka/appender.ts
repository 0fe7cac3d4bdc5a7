/**
 * Appends, batched without linger: whatever arrives for a partition while a batch of it is in flight goes into the next one. So
 * batches grow with the load, and no append waits for a timer. Each partition has a lane of its own, with its own
 * producer id: batches go one after another, which keeps the order, and a partition in trouble holds up no other.
 */

import { BackOff } from '../../waiting/back-off.ts';
import { LogUnavailable, type NewRecord, type Position, type TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';
import { isDenied, reasonOf } from './access-faults.ts';
import { BatchSender } from './batch-sender.ts';
import { leaderOf } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import { encodeBatch, type ProducerIdentity } from './encode-batch.ts';
import { type PlacedRecord, placed } from './placed.ts';
import { MAX_BATCH_BYTES, sizeOf, tooLarge } from './record-size.ts';

/** Sequence numbers have 31 bits. */
const SEQUENCES = 2 ** 31;

interface Call {
  readonly positions: Position[];
  /** Records not yet acknowledged. */
  missing: number;
  settled: boolean;
  resolve(positions: readonly Position[]): void;
  reject(error: Error): void;
}

interface Entry {
  readonly record: PlacedRecord;
  readonly bytes: number;
  readonly call: Call;
  /** Which of the call's records this is. */
  readonly index: number;
}

interface AppenderOptions {
  readonly partitions: number;
  readonly timeoutMs: number;
}

export class Appender {
  readonly #options: AppenderOptions;
  readonly #connections: Connections;
  readonly #sender: BatchSender;
  readonly #lanes = new Map<string, Lane>();
  #closed = false;

  constructor(connections: Connections, options: AppenderOptions) {
    this.#connections = connections;
    this.#options = options;
    this.#sender = new BatchSender(connections);
  }

  append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    if (records.length === 0) return Promise.resolve([]);
    if (this.#closed) return Promise.reject(new LogUnavailable('the log was closed'));
    const { partitions, timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const call: Call = {
        positions: new Array(records.length),
        missing: records.length,
        settled: false,
        resolve: (positions) => {
          clearTimeout(timer);
          resolve(positions);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const entries: Entry[] = [];
      for (const [index, record] of records.entries()) {
        const bytes = sizeOf(record);
        if (bytes > MAX_BATCH_BYTES) return reject(tooLarge(record, bytes));
        entries.push({ record: placed(record, partitions), bytes, call, index });
      }
      const timer = setTimeout(() => {
        const reason = this.#sender.trouble ?? 'no broker answered';
        fail(call, new LogUnavailable(`the log did not acknowledge within ${timeoutMs} ms: ${reason}`));
        for (const { record } of entries) this.#lane(record).expire();
      }, timeoutMs);
      for (const entry of entries) this.#lane(entry.record).add(entry);
    });
  }

  /** Waits for what is under way, then lets go of the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
    this.#sender.close(new LogUnavailable('the log was closed'));
  }

  #lane({ topic, partition }: TopicPartition): Lane {
    const place = placeOf({ topic, partition });
    let lane = this.#lanes.get(place);
    if (lane === undefined) {
      lane = new Lane(this.#sender, this.#connections, { topic, partition });
      this.#lanes.set(place, lane);
    }
    return lane;
  }
}

/** The appends to one partition. */
class Lane {
  readonly #sender: BatchSender;
  readonly #connections: Connections;
  readonly #place: TopicPartition;
  #queue: Entry[] = [];
  #running: Promise<void> | undefined;
  #producer: ProducerIdentity | undefined;
  #nextSequence = 0;
  #flight: readonly Entry[] = [];
  #stop = new AbortController();

  constructor(sender: BatchSender, connections: Connections, place: TopicPartition) {
    this.#sender = sender;
    this.#connections = connections;
    this.#place = place;
  }

  add(entry: Entry): void {
    this.#queue.push(entry);
    this.#running ??= this.#run();
  }

  /** Gives the batch under way up when nobody waits for it any more. */
  expire(): void {
    this.#queue = this.#queue.filter(({ call }) => !call.settled);
    const waiting = this.#flight.length > 0 ? this.#flight : this.#queue;
    if (waiting.every(({ call }) => call.settled)) this.#stop.abort();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const backoff = new BackOff({ firstMs: 20, longestMs: 500 });
    // Calls in the same turn of the event loop share a batch, the first one included.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const producer = await this.#identity(backoff);
      // Without one nothing was sent, so it can be tried again for as long as the callers wait.
      if (producer === undefined) continue;
      await this.#fly(producer);
    }
    this.#running = undefined;
  }

  async #fly(producer: ProducerIdentity): Promise<void> {
    this.#stop = new AbortController();
    this.#flight = [];
    try {
      const encode = () => this.#encode(producer);
      const first = await this.#sender.send({ ...this.#place, encode }, this.#stop.signal);
      for (const [at, entry] of this.#flight.entries()) acknowledge(entry, first + at);
    } catch (error) {
      // Whether it was written is unknown, and so is the sequence number that the broker expects next: a new producer id.
      this.#producer = undefined;
      const reason = reasonOf(error);
      this.#connections.logger.warn({ ...this.#place, error: reason }, 'an append failed');
      for (const { call } of this.#flight) {
        fail(call, new LogUnavailable(`the log did not acknowledge: ${reason}`, { cause: error }));
      }
    }
    this.#flight = [];
    this.#queue = this.#queue.filter(({ call }) => !call.settled);
  }

  /** As much as a batch may hold of what waits at this moment. */
  #encode(producer: ProducerIdentity): Buffer {
    let bytes = 0;
    let taken = 0;
    for (const entry of this.#queue) {
      if (taken > 0 && bytes + entry.bytes > MAX_BATCH_BYTES) break;
      bytes += entry.bytes;
      taken += 1;
    }
    this.#flight = this.#queue.splice(0, taken);
    const baseSequence = this.#nextSequence;
    this.#nextSequence = (baseSequence + taken) % SEQUENCES;
    const records = this.#flight.map(({ record }) => record);
    return encodeBatch(records, { ...producer, baseSequence, transactional: false, timestamp: Date.now() });
  }

  async #identity(backoff: BackOff): Promise<ProducerIdentity | undefined> {
    if (this.#producer !== undefined) return this.#producer;
    try {
      // An answer that it may not write is no reason to cut the other lanes off.
      const asked = this.#sender.link.use(async (cluster) => {
        await cluster.addMultipleTargetTopics([this.#place.topic]);
        const broker = await cluster.findBroker({ nodeId: leaderOf(cluster, this.#place) });
        return broker.initProducerId({ transactionalId: null, transactionTimeout: 0 });
      }, isDenied);
      const { producerId, producerEpoch } = await asked;
      this.#producer = { producerId: BigInt(producerId), epoch: producerEpoch };
      this.#nextSequence = 0;
      return this.#producer;
    } catch (error) {
      this.#sender.trouble = reasonOf(error);
      await backoff.wait();
      this.#queue = this.#queue.filter(({ call }) => !call.settled);
      return undefined;
    }
  }
}

function acknowledge({ record, call, index }: Entry, offset: number): void {
  const { topic, partition } = record;
  call.positions[index] = { topic, partition, offset };
  call.missing -= 1;
  if (call.missing > 0 || call.settled) return;
  call.settled = true;
  call.resolve(call.positions);
}

function fail(call: Call, error: Error): void {
  if (call.settled) return;
  call.settled = true;
  call.reject(error);
}
