/**
 * Gets batches onto the log, each to the broker that leads its partition: one request at a time for each broker, with all
 * that waits for it. A batch is encoded when it is first sent; after any failure the very same bytes go again, to whoever
 * leads the partition then, until the broker tells its offset. So no failure of one broker, or of the way to it, can double
 * or drop what was meant for another (the kafkajs producer retries all leaders together, with new sequence numbers).
 */

import { BackOff } from '../../waiting/back-off.ts';
import type { TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';
import { reasonOf } from './access-faults.ts';
import { ClusterLink } from './cluster-link.ts';
import { knownLeader } from './cluster-queries.ts';
import type { Cluster, Connections } from './connections.ts';
import { type EncodedBatch, type Produced, produceRequest } from './produce-request.ts';
import { answerOf, BrokerError, isPassing } from './protocol-errors.ts';
import { MAX_REQUEST_BYTES } from './record-size.ts';

/** How long a broker may wait for its replicas; the request is given up a little later. */
const REPLICAS_TIMEOUT_MS = 4000;
const REQUEST_TIMEOUT_MS = 5000;
/** Pauses between attempts while a partition has no leader: a new one is there at once, or after the brokers' session time-out. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [10, 200];

/** A batch for one partition. */
export interface Batch extends TopicPartition {
  /** Called once, when the batch is first sent. */
  encode(): Buffer;
}

interface Sending {
  readonly batch: Batch;
  bytes: Buffer | undefined;
  resolve(baseOffset: number): void;
  reject(error: Error): void;
}

interface Encoded extends EncodedBatch {
  readonly sending: Sending;
}

export class BatchSender {
  readonly link: ClusterLink;
  readonly #transactionalId: string | null;
  readonly #topics = new Set<string>();
  readonly #learned = new Set<string>();
  /** By `topic/partition`. Each partition has one batch at most, which is in one of these three. */
  readonly #waiting = new Map<string, Sending>();
  readonly #inFlight = new Map<string, Sending>();
  /** Those that failed: they go again once the cluster has been asked anew. */
  readonly #parked = new Map<string, Sending>();
  readonly #busy = new Set<number>();
  readonly #backoff = new BackOff({ firstMs: FIRST_PAUSE_MS, longestMs: LONGEST_PAUSE_MS });
  #dispatching = false;
  /** Something came while the metadata was asked for. */
  #dispatchAgain = false;
  #recovering = false;
  #closed: Error | undefined;
  /** What went wrong last, while it is still so. */
  trouble: string | undefined;

  constructor(connections: Connections, transactionalId: string | null = null) {
    this.link = new ClusterLink(connections, REQUEST_TIMEOUT_MS, () => this.#topics);
    this.#transactionalId = transactionalId;
  }

  /**
   * Sends the batch and resolves with the offset of its first record. It is tried for as long as the sender is open and
   * `stop` is not aborted; after that, or after an error, whether it was written is unknown.
   * @throws {BrokerError} when a broker refuses it for good; the producer's sequence numbers are then of no use any more.
   */
  send(batch: Batch, stop?: AbortSignal): Promise<number> {
    const place = placeOf(batch);
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#waiting.has(place) || this.#inFlight.has(place) || this.#parked.has(place)) {
      return Promise.reject(new Error(`a batch for partition ${batch.partition} of ${batch.topic} is under way`));
    }
    this.#topics.add(batch.topic);
    return new Promise<number>((resolve, reject) => {
      const sending: Sending = { batch, bytes: undefined, resolve, reject };
      this.#waiting.set(place, sending);
      stop?.addEventListener('abort', () => this.#giveUp(place, sending), { once: true });
      this.#dispatch();
    });
  }

  /** Ends at once; what is under way is rejected, and whether it was written is unknown. */
  close(error: Error): void {
    this.#closed ??= error;
    this.link.close();
    for (const sendings of [this.#waiting, this.#inFlight, this.#parked]) {
      for (const { reject } of sendings.values()) reject(error);
      sendings.clear();
    }
  }

  #giveUp(place: string, sending: Sending): void {
    for (const sendings of [this.#waiting, this.#inFlight, this.#parked]) {
      if (sendings.get(place) === sending) sendings.delete(place);
    }
    sending.reject(new Error(`given up: ${this.trouble ?? 'no broker answered'}`));
  }

  /**
   * In the next turn of the event loop, so that what comes in this one goes together: on a busy process a request holds the commands of
   * many users, where each microtask would send those of few. On one that is idle it is a matter of microseconds.
   */
  #dispatch(): void {
    if (this.#waiting.size === 0) return;
    if (this.#dispatching) {
      this.#dispatchAgain = true;
      return;
    }
    this.#dispatching = true;
    this.#dispatchAgain = false;
    setImmediate(() => {
      void this.link
        .use((cluster) => this.#sendAll(cluster), isOfOneBroker)
        .catch((error: unknown) => {
          for (const [place, sending] of this.#waiting) this.#park(place, sending);
          this.#recover(error);
        })
        .finally(() => {
          this.#dispatching = false;
          if (this.#dispatchAgain) this.#dispatch();
        });
    });
  }

  async #sendAll(cluster: Cluster): Promise<void> {
    const unknown = [...this.#topics].filter((topic) => !this.#learned.has(topic));
    if (unknown.length > 0) {
      await cluster.addMultipleTargetTopics(unknown);
      for (const topic of unknown) this.#learned.add(topic);
    }
    const byLeader = new Map<number, Sending[]>();
    for (const [place, sending] of this.#waiting) {
      const leader = knownLeader(cluster, sending.batch);
      if (leader === undefined) {
        const { topic, partition } = sending.batch;
        this.#park(place, sending);
        this.#recover(new Error(`partition ${partition} of ${topic} has no leader`));
        continue;
      }
      const of = byLeader.get(leader);
      if (of === undefined) byLeader.set(leader, [sending]);
      else of.push(sending);
    }
    for (const [leader, of] of byLeader) {
      if (!this.#busy.has(leader)) void this.#sendTo(leader, of);
    }
  }

  async #sendTo(leader: number, all: readonly Sending[]): Promise<void> {
    this.#busy.add(leader);
    const flight = this.#take(all);
    try {
      const produced = await this.link.use(async (cluster) => {
        const broker = await cluster.findBroker({ nodeId: leader });
        const request = produceRequest(flight, this.#transactionalId, REPLICAS_TIMEOUT_MS);
        return broker.connectionPool.send(request);
      }, isOfOneBroker);
      this.#settle(flight, produced);
    } catch (error) {
      for (const sending of flight) this.#parkInFlight(sending);
      this.#recover(error);
    } finally {
      this.#busy.delete(leader);
      this.#dispatch();
    }
  }

  /** As many of them as one request may hold, encoded. */
  #take(all: readonly Sending[]): readonly Encoded[] {
    const flight: Encoded[] = [];
    let size = 0;
    for (const sending of all) {
      const place = placeOf(sending.batch);
      const bytes = sending.bytes ?? sending.batch.encode();
      sending.bytes = bytes;
      if (flight.length > 0 && size + bytes.length > MAX_REQUEST_BYTES) break;
      size += bytes.length;
      this.#waiting.delete(place);
      this.#inFlight.set(place, sending);
      flight.push({ topic: sending.batch.topic, partition: sending.batch.partition, bytes, sending });
    }
    return flight;
  }

  #settle(flight: readonly Encoded[], produced: readonly Produced[]): void {
    const answers = new Map(produced.map((each) => [placeOf(each), each]));
    for (const one of flight) {
      const place = placeOf(one);
      const { sending } = one;
      if (this.#inFlight.get(place) !== sending) continue;
      const answer = answers.get(place);
      const what = `writing to partition ${one.partition} of ${one.topic}`;
      if (answer !== undefined && answer.errorCode !== 0) {
        const error = new BrokerError(answer.errorCode, what);
        if (isPassing(error)) {
          this.#parkInFlight(one);
          this.#recover(error);
        } else {
          this.#inFlight.delete(place);
          sending.reject(error);
        }
        continue;
      }
      this.#inFlight.delete(place);
      if (answer === undefined || answer.baseOffset < 0) {
        sending.reject(new Error(`${what}: no offset was told`));
      } else {
        this.trouble = undefined;
        this.#backoff.reset();
        sending.resolve(answer.baseOffset);
      }
    }
  }

  /** To go again later, unless it was given up meanwhile. */
  #parkInFlight({ topic, partition, sending }: Encoded): void {
    const place = placeOf({ topic, partition });
    if (this.#inFlight.get(place) !== sending) return;
    this.#inFlight.delete(place);
    this.#parked.set(place, sending);
  }

  #park(place: string, sending: Sending): void {
    this.#waiting.delete(place);
    this.#parked.set(place, sending);
  }

  /** After a pause asks the cluster anew who leads what; then what is parked goes again. Others are not held up meanwhile. */
  #recover(error: unknown): void {
    this.trouble = reasonOf(error);
    if (this.#recovering) return;
    this.#recovering = true;
    void this.#askAnew().finally(() => {
      this.#recovering = false;
      for (const [place, sending] of this.#parked) this.#waiting.set(place, sending);
      this.#parked.clear();
      this.#dispatch();
    });
  }

  async #askAnew(): Promise<void> {
    while (this.#closed === undefined) {
      await this.#backoff.wait();
      try {
        return await this.link.use((cluster) => cluster.refreshMetadata());
      } catch (error) {
        this.trouble = reasonOf(error);
      }
    }
  }
}

/**
 * Whether only the way to one broker failed, or a broker said no: the client is of use for the others. Not so after a
 * time-out: the connection may be dead without having been closed, and kafkajs would use it again.
 */
export function isOfOneBroker(error: unknown): boolean {
  if (answerOf(error) !== undefined) return true;
  return (
    error instanceof Error && (error.name === 'KafkaJSConnectionError' || error.name === 'KafkaJSConnectionClosedError')
  );
}
