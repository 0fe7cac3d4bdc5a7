/**
 * Reads partitions without a consumer group. kafkajs has no such consumer, and a group of its own for each reader costs a
 * join and a rebalance before the first record, and leaves a group behind when the process is killed. This one fetches
 * committed records over connections of its own: one fetch at a time per broker, for all of its partitions, held open by
 * the broker until there is something. What was fetched waits in a stream per partition, so a slow user of one partition
 * holds up no other. Every failure ends in another try, for ever; that of one broker does not interrupt the others.
 */

import { setImmediate } from 'node:timers/promises';
import { BackOff } from '../../waiting/back-off.ts';
import { pause } from '../../waiting/pause.ts';
import { TimeSlice } from '../../waiting/time-slice.ts';
import type { TopicPartition } from '../event-log.ts';
import { reasonOf } from './access-faults.ts';
import { isOfOneBroker } from './batch-sender.ts';
import { EARLIEST, knownLeader, listOffsets } from './cluster-queries.ts';
import { type Cluster, type Connections, READ_COMMITTED } from './connections.ts';
import { deliver } from './deliver.ts';
import { fetchRequest } from './fetch-request.ts';
import { PartitionStream, type Reading } from './partition-stream.ts';
import { BrokerError, isPassing } from './protocol-errors.ts';
import type { FetchedPartition } from './record-batches.ts';

/** Bounds how long a partition that is added waits for the fetch under way. */
const MAX_WAIT_MS = 250;
/** The same, while a partition is left out because its user is behind. */
const MAX_WAIT_WHILE_FULL_MS = 10;
const REQUEST_TIMEOUT_MS = 5000;
const OFFSET_OUT_OF_RANGE = 1;
/** Between questions who leads a partition that has no leader, or one that cannot be reached. */
const ASK_ANEW_MS = 100;
/** The broker id of a partition without a leader. */
const NO_LEADER = -1;

export class PartitionReader {
  readonly #connections: Connections;
  readonly #onTrouble: (detail: string | undefined) => void;
  readonly #streams = new Set<PartitionStream>();
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #nextWake: Promise<void> | undefined;
  #wake: () => void = () => {};
  #kill: () => void = () => {};

  /** @param onTrouble is told what is wrong when the brokers cannot be read from, and `undefined` when they can again. */
  constructor(connections: Connections, onTrouble: (detail: string | undefined) => void = () => {}) {
    this.#connections = connections;
    this.#onTrouble = onTrouble;
  }

  open(place: TopicPartition, offset: number, how: Reading = {}): PartitionStream {
    const changed = () => {
      if (stream.closed) this.#streams.delete(stream);
      this.#wake();
    };
    const stream = new PartitionStream(place, offset, changed, how);
    this.#streams.add(stream);
    this.#wake();
    this.#running ??= this.#run();
    return stream;
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    for (const stream of this.#streams) stream.close();
    this.#wake();
    this.#kill();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const backoff = new BackOff({ firstMs: 50, longestMs: 2000 });
    while (!signal.aborted) {
      const { client, kill } = this.#connections.cluster(REQUEST_TIMEOUT_MS);
      this.#kill = kill;
      try {
        await client.connect();
        await this.#session(client, () => {
          backoff.reset();
          this.#onTrouble(undefined);
        });
      } catch (error) {
        if (!signal.aborted) {
          this.#onTrouble(`cannot read from the brokers: ${reasonOf(error)}; trying again`);
          this.#connections.logger.debug({ error: reasonOf(error) }, 'reading from the brokers failed');
        }
      } finally {
        kill();
      }
      if (!signal.aborted) await backoff.wait(signal);
    }
  }

  /** Ends when the reader is closed or, with the error, when the cluster cannot be asked, or a connection hangs. */
  async #session(cluster: Cluster, fine: () => void): Promise<void> {
    const { signal } = this.#stopped;
    const loops = new Map<number, Promise<void>>();
    const known = new Set<string>();
    let failure: { readonly error: unknown } | undefined;
    const ended = () => signal.aborted || failure !== undefined;
    const start = (key: number, loop: Promise<void>) => {
      const kept = loop
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          loops.delete(key);
          this.#wake();
        });
      loops.set(key, kept);
    };
    while (!ended()) {
      const woken = this.#woken();
      const open = [...this.#streams];
      if (open.length > 0) {
        const topics = [...new Set(open.map(({ topic }) => topic))];
        await cluster.addMultipleTargetTopics(topics);
        // A loop that has nothing to fetch sleeps: it may be the one that is to fetch what is known only now.
        if (topics.some((topic) => !known.has(topic))) this.#wake();
        for (const topic of topics) known.add(topic);
        for (const leader of new Set(open.map((stream) => knownLeader(cluster, stream) ?? NO_LEADER))) {
          if (loops.has(leader)) continue;
          start(leader, leader === NO_LEADER ? this.#askAnew(cluster) : this.#readFrom(leader, cluster, ended, fine));
        }
      }
      if (!ended()) await woken;
    }
    this.#kill();
    this.#wake();
    await Promise.all(loops.values());
    if (failure !== undefined && !signal.aborted) throw failure.error;
  }

  /** The partitions are moving to other leaders; until the brokers agree, asking faster does not help. */
  async #askAnew(cluster: Cluster): Promise<void> {
    await pause(ASK_ANEW_MS, { signal: this.#stopped.signal });
    await cluster.refreshMetadata();
  }

  /** Fetches from one broker for as long as it leads a partition that is wanted and can be reached. */
  async #readFrom(leader: number, cluster: Cluster, ended: () => boolean, fine: () => void): Promise<void> {
    try {
      await this.#fetchFrom(leader, cluster, ended, fine);
    } catch (error) {
      if (ended() || !isOfOneBroker(error)) throw error;
      this.#onTrouble(`cannot read from broker ${leader}: ${reasonOf(error)}; trying again`);
      await this.#askAnew(cluster);
    }
  }

  async #fetchFrom(leader: number, cluster: Cluster, ended: () => boolean, fine: () => void): Promise<void> {
    while (!ended()) {
      const woken = this.#woken();
      // Of streams just opened, the metadata may not be here yet; the session gets it and wakes this loop.
      const led = [...this.#streams].filter((stream) => knownLeader(cluster, stream) === leader);
      if (led.length === 0) return;
      const wanted = led.filter((stream) => stream.wanting);
      if (wanted.length === 0) {
        await woken;
        continue;
      }
      // What has come meanwhile is taken first: on a busy process the next fetch brings more, and there are fewer of them.
      await setImmediate();
      const waitMs = wanted.length < led.length ? MAX_WAIT_WHILE_FULL_MS : MAX_WAIT_MS;
      const fetched = await fetch(cluster, leader, wanted, waitMs);
      if (ended()) return;
      let failed: BrokerError | undefined;
      // A whole answer, of 10 MB, would hold the event loop for some hundred ms.
      const slice = new TimeSlice();
      for (const each of fetched) {
        const stream = wanted.find(({ topic, partition }) => topic === each.topic && partition === each.partition);
        if (stream === undefined || stream.closed) continue;
        if (each.errorCode === 0) await deliver(stream, each, slice);
        else if (each.errorCode === OFFSET_OUT_OF_RANGE) await moveIntoRange(cluster, stream);
        else failed = new BrokerError(each.errorCode, `reading partition ${each.partition} of ${each.topic}`);
      }
      if (failed === undefined) {
        fine();
        continue;
      }
      // Usually it has moved to another leader, which is no trouble as long as that one answers.
      if (!isPassing(failed)) this.#onTrouble(`${reasonOf(failed)}; trying again`);
      await this.#askAnew(cluster);
      this.#wake();
    }
  }

  /** Resolves at the next change of what is to be read. Many wait for the same one. */
  #woken(): Promise<void> {
    this.#nextWake ??= new Promise((resolve) => {
      this.#wake = () => {
        this.#nextWake = undefined;
        this.#wake = () => {};
        resolve();
      };
    });
    return this.#nextWake;
  }
}

async function fetch(
  cluster: Cluster,
  leader: number,
  streams: readonly PartitionStream[],
  maxWaitMs: number,
): Promise<readonly FetchedPartition[]> {
  const broker = await cluster.findBroker({ nodeId: leader });
  // Shuffled, or a partition that always fills the answer would starve those behind it (KIP-74).
  const shuffled = [...streams].sort(() => Math.random() - 0.5);
  const { errorCode, partitions } = await broker.connectionPool.send(fetchRequest(shuffled, maxWaitMs));
  if (errorCode !== 0) throw new Error(`a broker answers a fetch with error ${errorCode}`);
  return partitions;
}

/** Records that were to be read are gone by retention: go on with the first that is left. */
async function moveIntoRange(cluster: Cluster, stream: PartitionStream): Promise<void> {
  const [earliest] = await listOffsets(cluster, [stream], EARLIEST, READ_COMMITTED);
  if (earliest !== undefined && earliest.offset > stream.fetchOffset) {
    // As an empty chunk: whoever reads to an end must get there, also when retention has left nothing before it.
    stream.push({ records: [], next: earliest.offset, bytes: 0 });
    return;
  }
  // Beyond the end: the position comes from another log. Any other position that we chose would lose records.
  const place = `partition ${stream.partition} of ${stream.topic}`;
  stream.fail(new Error(`position ${stream.fetchOffset} lies beyond the end of ${place}: was the topic created anew?`));
}
