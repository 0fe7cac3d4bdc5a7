/** Asks the brokers about partitions and positions, over one connection that is made anew whenever it fails. */

import { BackOff } from '../../waiting/back-off.ts';
import { within } from '../../waiting/within.ts';
import {
  LogMisconfigured,
  LogUnavailable,
  type Position,
  TopicMisconfigured,
  type TopicPartition,
} from '../event-log.ts';
import { placeOf } from '../place.ts';
import { reasonOf } from './access-faults.ts';
import { byTopic } from './by-topic.ts';
import { ByteReader } from './byte-reader.ts';
import { ClusterLink } from './cluster-link.ts';
import {
  type Cluster,
  type Connections,
  newEncoder,
  type ProtocolRequest,
  READ_COMMITTED,
  READ_UNCOMMITTED,
} from './connections.ts';
import { answerOf, UNKNOWN_TOPIC_OR_PARTITION } from './protocol-errors.ts';

/** Timestamps that ListOffsets takes for the two ends of a partition. */
export const EARLIEST = -2;
const LATEST = -1;

/** A connection that is silent for so long is made anew. */
const REQUEST_TIMEOUT_MS = 5000;

/** How long a topic that a broker does not know may still be on its way to it. */
const TOPIC_PATIENCE_MS = 1000;

export class ClusterQueries {
  readonly #connections: Connections;
  readonly #timeoutMs: number;
  readonly #partitions = new Map<string, readonly number[]>();
  readonly #link: ClusterLink;
  #nextEnds: { readonly topics: Set<string>; readonly answer: Promise<readonly Position[]> } | undefined;
  #endsUnderWay: Promise<unknown> = Promise.resolve();
  #clusterId: string | undefined;
  #closed = false;

  constructor(connections: Connections, timeoutMs: number) {
    this.#connections = connections;
    this.#timeoutMs = timeoutMs;
    this.#link = new ClusterLink(connections, Math.min(timeoutMs, REQUEST_TIMEOUT_MS), () => this.#partitions.keys());
  }

  /** Whether the topic is known to exist without asking a broker. */
  knows(topic: string): boolean {
    return this.#partitions.has(topic);
  }

  /** @throws {TopicMisconfigured} when one of the topics does not exist. */
  async partitionsOf(topics: readonly string[]): Promise<TopicPartition[]> {
    const unknown = topics.filter((topic) => !this.knows(topic));
    if (unknown.length > 0) await this.#learn(unknown);
    return topics.flatMap((topic) => (this.#partitions.get(topic) ?? []).map((partition) => ({ topic, partition })));
  }

  /**
   * The end of each partition. Not only as far as it can be read: what was acknowledged may stand behind a transaction that
   * is still open. Calls that come while one is under way share the next one: an answer is never older than the question.
   */
  ends(topics: readonly string[]): Promise<readonly Position[]> {
    const next = this.#nextEnds ?? this.#scheduleEnds();
    for (const topic of topics) next.topics.add(topic);
    return next.answer.then((all) => all.filter(({ topic }) => topics.includes(topic)));
  }

  /** High watermark: the position after the last record of each partition, whatever became of its transaction. */
  async highWatermarks(partitions: readonly TopicPartition[]): Promise<readonly Position[]> {
    return this.#listEnds(partitions, READ_UNCOMMITTED);
  }

  /** Last stable offset: the position in each partition before which no transaction is open. */
  async lastStableOffsets(partitions: readonly TopicPartition[]): Promise<readonly Position[]> {
    return this.#listEnds(partitions, READ_COMMITTED);
  }

  /** The cluster's own id, made when it was formatted. */
  async clusterId(): Promise<string> {
    this.#clusterId ??= await this.#try('ask for the id of the cluster', async (cluster) => {
      const { clusterId } = await cluster.metadata({ topics: [] });
      return clusterId ?? '';
    });
    return this.#clusterId;
  }

  /** What a group has committed, with the transactions that are known to have committed; partitions without are left out. */
  async committed(group: string, partitions: readonly TopicPartition[]): Promise<readonly Position[]> {
    return this.#try(`ask for the positions of ${group}`, async (cluster) => {
      const coordinator = await cluster.findGroupCoordinator({ groupId: group });
      const positions = await coordinator.connectionPool.send(offsetFetch(group, partitions));
      return positions.filter(({ offset }) => offset >= 0);
    });
  }

  close(): void {
    this.#closed = true;
    this.#link.close();
  }

  #listEnds(partitions: readonly TopicPartition[], isolationLevel: number): Promise<readonly Position[]> {
    const topics = [...new Set(partitions.map(({ topic }) => topic))];
    return this.#try(`ask for the ends of ${topics.join(', ')}`, async (cluster) => {
      await cluster.addMultipleTargetTopics(topics);
      return listOffsets(cluster, partitions, LATEST, isolationLevel);
    });
  }

  #scheduleEnds() {
    const topics = new Set<string>();
    const answer = this.#endsUnderWay.then(async () => {
      this.#nextEnds = undefined;
      return this.highWatermarks(await this.partitionsOf([...topics]));
    });
    this.#nextEnds = { topics, answer };
    this.#endsUnderWay = answer.catch(() => undefined);
    return this.#nextEnds;
  }

  async #learn(topics: readonly string[]): Promise<void> {
    const patience = Date.now() + TOPIC_PATIENCE_MS;
    await this.#try(`look up ${topics.join(', ')}`, async (cluster) => {
      for (const topic of topics) {
        try {
          await cluster.addMultipleTargetTopics([topic]);
        } catch (error) {
          if (!isUnknownTopic(error) || Date.now() < patience) throw error;
          throw new TopicMisconfigured(`topic ${topic} does not exist: create it first (counterfoil topics create)`);
        }
        const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
        if (partitions.length > 0)
          this.#partitions.set(
            topic,
            partitions.sort((a, b) => a - b),
          );
      }
    });
  }

  /** Tries until it succeeds or the time is up; each failure makes a new connection, whatever was wrong with the old one. */
  async #try<T>(what: string, use: (cluster: Cluster) => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.#timeoutMs;
    const backoff = new BackOff({ firstMs: 20, longestMs: 500 });
    let reason: unknown;
    for (;;) {
      if (this.#closed) throw new LogUnavailable(`cannot ${what}: the log was closed`);
      try {
        return await within(Math.max(1, deadline - Date.now()), what, this.#link.use(use, isAboutTopics));
      } catch (error) {
        if (error instanceof TopicMisconfigured) throw error;
        const mistake = await this.#connections.access.mistake(error);
        if (mistake !== undefined) throw new LogMisconfigured(`cannot ${what}: ${mistake}`, { cause: error });
        // The first error says more than the last one, which is often only that the time was up.
        reason ??= error;
        if (Date.now() >= deadline) {
          this.#link.renew();
          throw new LogUnavailable(`cannot ${what}: ${reasonOf(reason)}`, { cause: reason });
        }
        await backoff.wait();
      }
    }
  }
}

/** Offsets by timestamp of partitions whose topics the cluster has the metadata of. */
export async function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  timestamp: number,
  isolationLevel: number,
): Promise<Position[]> {
  const byLeader = new Map<number, TopicPartition[]>();
  for (const place of partitions) {
    const leader = leaderOf(cluster, place);
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), place]);
  }
  const answers = await Promise.all(
    [...byLeader].map(async ([nodeId, led]) => {
      const broker = await cluster.findBroker({ nodeId });
      const { responses } = await broker.listOffsets({
        isolationLevel,
        topics: [...byTopic(led)].map(([topic, of]) => ({
          topic,
          partitions: of.map(({ partition }) => ({ partition, timestamp })),
        })),
      });
      return responses.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
      );
    }),
  );
  const found = new Map(answers.flat().map((each) => [placeOf(each), each]));
  return partitions.map(({ topic, partition }) => {
    const position = found.get(placeOf({ topic, partition }));
    if (position === undefined) throw new Error(`no offset for partition ${partition} of ${topic}`);
    return position;
  });
}

export function leaderOf(cluster: Cluster, { topic, partition }: TopicPartition): number {
  const leader = knownLeader(cluster, { topic, partition });
  if (leader === undefined) throw new Error(`partition ${partition} of ${topic} has no leader`);
  return leader;
}

/** Undefined while there is none, or none that the metadata at hand tells. */
export function knownLeader(cluster: Cluster, { topic, partition }: TopicPartition): number | undefined {
  const leader = cluster.findTopicPartitionMetadata(topic).find((each) => each.partitionId === partition)?.leader;
  return leader === undefined || leader < 0 ? undefined : leader;
}

function isUnknownTopic(error: unknown): boolean {
  return answerOf(error) === UNKNOWN_TOPIC_OR_PARTITION;
}

/** The connection is as good as before. */
function isAboutTopics(error: unknown): boolean {
  return error instanceof TopicMisconfigured || isUnknownTopic(error);
}

const OFFSET_FETCH = 9;

/**
 * OffsetFetch, version 7, which kafkajs does not have: it refuses to answer while a transaction that is committed has not
 * yet reached the group's offsets (KIP-447), where older versions answer with the position before it.
 */
function offsetFetch(group: string, partitions: readonly TopicPartition[]): ProtocolRequest<readonly Position[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  return {
    request: {
      apiKey: OFFSET_FETCH,
      apiVersion: 7,
      apiName: 'OffsetFetch',
      encode: async () =>
        newEncoder()
          .writeUVarIntBytes() // The header's tags: none. Those of the body likewise.
          .writeUVarIntString(group)
          .writeUVarIntArray(
            topics.map((topic) =>
              newEncoder()
                .writeUVarIntString(topic)
                .writeUVarIntArray(
                  partitions
                    .filter((each) => each.topic === topic)
                    .map((each) => newEncoder().writeInt32(each.partition)),
                )
                .writeUVarIntBytes(),
            ),
          )
          .writeBoolean(true)
          .writeUVarIntBytes(),
    },
    response: { decode: async (body) => decodeOffsetFetch(body), parse: async (positions) => positions },
  };
}

function decodeOffsetFetch(body: Buffer): readonly Position[] {
  const reader = new ByteReader(body);
  reader.skipTags();
  reader.int32(); // Throttle time.
  const topics = reader.compactArray(() => {
    const topic = reader.compactString();
    const partitions = reader.compactArray(() => {
      const partition = reader.int32();
      const offset = reader.int64();
      reader.int32(); // Leader epoch.
      reader.compactString(); // Metadata.
      refuse(reader.int16());
      reader.skipTags();
      return { topic, partition, offset };
    });
    reader.skipTags();
    return partitions;
  });
  refuse(reader.int16());
  return topics.flat();
}

function refuse(errorCode: number): void {
  if (errorCode !== 0) throw new Error(`the group's coordinator answers with error ${errorCode}`);
}
