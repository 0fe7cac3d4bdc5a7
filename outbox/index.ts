/**
 * Starts the outbox: the effects outside. One process at a time has a partition, as with every processor, and sends what is on
 * its way there; when it goes, another one takes over from what is on the log.
 */
import { sentAggregates } from '../domain/event-types.ts';
import type { EventLog, Processor, Running } from '../log/event-log.ts';
import { commandsTopic, DELIVERIES, eventsTopic, positionsTopic, stateTopic } from '../records/topics.ts';
import { KnownWebhooks } from './known-webhooks.ts';
import { type OutboxObserver, openPartition, type PartitionOptions } from './partition.ts';
import { Poster } from './post.ts';
import { SCHEDULE, type Schedule } from './schedule.ts';
import type { Sender } from './sender.ts';
import { Tail } from './tail.ts';

export type { OutboxObserver } from './partition.ts';

export interface OutboxOptions {
  readonly log: EventLog;
  /** The same log, with personal texts open: receivers get them so. */
  readonly opened: EventLog;
  openSecret(sealed: string): Promise<string | undefined>;
  /** Whether webhooks may be on this machine, or in a private network. */
  readonly allowPrivate: boolean;
  readonly observer?: OutboxObserver;
  onTrouble(error: unknown): void;
  /** What it follows besides, once there is a webhook. */
  readonly onFollowing?: ((following: Running) => void) | undefined;
  /** Default: `SCHEDULE`. */
  readonly schedule?: Schedule;
  /** How long an attempt may take, ms; default: `ATTEMPT_MS`. */
  readonly timeoutMs?: number;
}

export interface Outbox {
  /** The writer of the deliveries. */
  readonly running: Running;
  /** What is known of the webhooks themselves. */
  readonly webhooks: Running;
  /** Age of the oldest event that is not delivered, of the partitions that are this process's, seconds; 0: all are. */
  oldestSeconds(): number;
  stop(): Promise<void>;
}

/** The outbox as the log knows it. */
const outboxProcessor: Processor = {
  name: `${DELIVERIES}-processor`,
  input: commandsTopic(DELIVERIES),
  positions: positionsTopic(DELIVERIES),
};

/** @throws {LogUnavailable} */
export async function startOutbox({ observer, schedule = SCHEDULE, ...options }: OutboxOptions): Promise<Outbox> {
  const { log, opened, openSecret, onTrouble, onFollowing, allowPrivate, timeoutMs } = options;
  const senders = new Set<Sender>();
  const wake = (partition?: number) => {
    for (const sender of senders) if (partition === undefined || sender.partition === partition) sender.wake();
  };
  const topics = sentAggregates.map(({ name }) => eventsTopic(name));
  const tail = new Tail({ log, topics, onMoved: wake, onFollowing, onTrouble });
  const known = await KnownWebhooks.follow(log, (webhooks) => {
    if (webhooks.any()) tail.begin();
    wake();
  });
  const poster = new Poster({ allowPrivate, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  const { webhooks } = known;
  const letGo = async () => {
    poster.close();
    await Promise.all([known.following.stop(), tail.stop()]);
  };
  const parts: Omit<PartitionOptions, 'partition' | 'observer' | 'senders'> = {
    log,
    opened,
    tail,
    webhooks,
    poster,
    schedule,
    openSecret,
    onTrouble,
    onFree: () => wake(),
  };
  const running = await log
    .process({
      ...outboxProcessor,
      restore: [stateTopic(DELIVERIES)],
      open: (partition) => openPartition({ ...parts, partition, observer, senders }),
    })
    .catch(async (error) => {
      await letGo();
      throw error;
    });
  return {
    running,
    webhooks: known.following,
    oldestSeconds() {
      const times = [...senders].flatMap((sender) => sender.oldest() ?? []);
      return times.length === 0 ? 0 : Math.max(0, (Date.now() - Math.min(...times)) / 1000);
    },
    async stop() {
      await running.stop();
      await letGo();
    },
  };
}
