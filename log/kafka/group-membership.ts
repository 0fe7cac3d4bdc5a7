/**
 * Which partitions are ours: membership of a consumer group, and nothing else. kafkajs joins, beats and rebalances, but
 * fetches nothing, since all partitions are paused; `PartitionReader` reads them. So heartbeats do not depend on how long a
 * batch takes, a slow partition delays no other, and a partition that stays ours through a rebalance is not interrupted.
 *
 * A member that was thought dead may still believe that it owns a partition. That is harmless for those who use this:
 * Kafka fences the transactions of all but the newest owner, and a view refuses a step that starts from another position.
 */
import type { Consumer } from 'kafkajs';
import { BackOff } from '../../waiting/back-off.ts';
import { pause } from '../../waiting/pause.ts';
import { within } from '../../waiting/within.ts';
import type { Position, TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';
import { reasonOf } from './access-faults.ts';
import { Changes } from './changes.ts';
import type { Connections } from './connections.ts';

const REQUEST_TIMEOUT_MS = 5000;
/** Lag monitors look every few seconds: between two commits so much is gathered. */
const COMMIT_PAUSE_MS = 500;
/** How often kafkajs looks after the membership while there is nothing to fetch. */
const ROUND_MS = 100;
const LEAVE_TIMEOUT_MS = 5000;
/** Few attempts: what kafkajs does not manage soon is left to our own loop. */
const RETRY = {
  initialRetryTime: 100,
  multiplier: 2,
  maxRetryTime: 1000,
  retries: 4,
  restartOnFailure: async () => false,
};

export interface GroupOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  /** Called after each join. The id is another one when the membership was lost meanwhile: nothing from before counts. */
  onAssigned(partitions: readonly TopicPartition[], memberId: string): void;
  /** What is wrong with the membership; `undefined` when it is fine again. */
  onTrouble(detail: string | undefined): void;
}

export class GroupMembership {
  readonly #connections: Connections;
  readonly #options: GroupOptions;
  readonly #stopped = new AbortController();
  /** Nothing more is gathered before it is committed. */
  readonly #stopping = new AbortController();
  readonly #signs = new Changes();
  #signCount = 0;
  #consumer: Consumer | undefined;
  #committing: Promise<void> | undefined;
  readonly #toCommit = new Map<string, Position>();
  #running: Promise<void> = Promise.resolve();

  constructor(connections: Connections, options: GroupOptions) {
    this.#connections = connections;
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the group has confirmed the membership anew: by a heartbeat or a join. Rejects once stopped. */
  confirmed(): Promise<void> {
    const before = this.#signCount;
    return this.#signs.until(() => this.#signCount > before);
  }

  /** For lag monitors: commits soon, the newest position per partition. That it may fail harms nobody. */
  commit(position: Position): void {
    this.#toCommit.set(placeOf(position), position);
    this.#startCommitting();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#committing;
    this.#stopped.abort();
    this.#signs.end(new Error('the membership was given up'));
    await this.#running;
  }

  #startCommitting(): void {
    if (this.#consumer === undefined || this.#toCommit.size === 0) return;
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = undefined;
      this.#startCommitting();
    });
  }

  async #commit(): Promise<void> {
    // One request at a time; what is handled meanwhile goes with the next.
    while (this.#toCommit.size > 0 && this.#consumer !== undefined) {
      const positions = [...this.#toCommit.values()];
      this.#toCommit.clear();
      try {
        const offsets = positions.map((each) => ({ ...each, offset: String(each.offset) }));
        await within(REQUEST_TIMEOUT_MS, 'committing', this.#consumer.commitOffsets(offsets));
      } catch (error) {
        this.#connections.logger.debug({ error: reasonOf(error), group: this.#options.group }, 'no offsets committed');
      }
      await pause(COMMIT_PAUSE_MS, { signal: this.#stopping.signal });
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const backoff = new BackOff({ firstMs: 100, longestMs: 5000 });
    while (!signal.aborted) {
      try {
        await this.#member(backoff);
      } catch (error) {
        if (signal.aborted) return;
        const { group } = this.#options;
        this.#options.onTrouble(`lost the membership of group ${group}: ${reasonOf(error)}; joining again`);
        this.#connections.logger.warn({ group, error: reasonOf(error) }, 'lost the membership of a consumer group');
        await backoff.wait(signal);
      }
    }
  }

  /** One membership, until it is given up, or fails. */
  async #member(backoff: BackOff): Promise<void> {
    const { group, topics, sessionTimeoutMs } = this.#options;
    const { signal } = this.#stopped;
    const { client, kill } = this.#connections.kafka(RETRY, REQUEST_TIMEOUT_MS);
    const consumer = client.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(sessionTimeoutMs, 10_000),
      heartbeatInterval: Math.max(50, Math.min(500, Math.floor(sessionTimeoutMs / 5))),
      maxWaitTimeInMs: ROUND_MS,
      allowAutoTopicCreation: false,
      retry: RETRY,
    });
    const sign = () => {
      backoff.reset();
      this.#options.onTrouble(undefined);
      this.#signCount += 1;
      this.#signs.changed();
    };
    consumer.on(consumer.events.HEARTBEAT, sign);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment, memberId } }) => {
      // kafkajs emits this before it fetches.
      consumer.pause(topics.map((topic) => ({ topic })));
      if (signal.aborted) return;
      const partitions = Object.entries(memberAssignment).flatMap(([topic, ids]) =>
        ids.map((partition) => ({ topic, partition })),
      );
      this.#options.onAssigned(partitions, memberId);
      sign();
    });
    const crashed = new Promise<Error>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error));
    });
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      const joined = (async () => {
        await consumer.connect();
        await consumer.subscribe({ topics: [...topics] });
        await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} });
        this.#consumer = consumer;
        this.#startCommitting();
      })();
      const error = await Promise.race([joined.then(() => crashed), crashed, stopped]);
      joined.catch(() => undefined);
      if (error !== undefined) throw error;
    } finally {
      this.#consumer = undefined;
      await within(LEAVE_TIMEOUT_MS, 'leaving the group', consumer.disconnect()).catch(() => undefined);
      kill();
    }
  }
}
