/** Starts the processors: one per aggregate, and the owner of the idempotency keys. */
import type { Aggregate, AggregateName, Catalogue, Versioned } from '../domain/index.ts';
import { aggregateNamed, aggregateNames } from '../domain/registry.ts';
import type { EventLog, ProcessOptions, Processor, Running } from '../log/event-log.ts';
import {
  commandsTopic,
  deadlinesTopic,
  KEY_USES,
  KEYS,
  PARTS,
  positionsTopic,
  stateTopic,
  TRANSACTIONS,
} from '../records/topics.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { PartitionStore, Stores } from '../store/partition-store.ts';
import { openAggregateProcess } from './aggregate-process.ts';
import { watchDeadlines } from './deadlines.ts';
import { openKeysProcess } from './keys-process.ts';
import type { Standby } from './standby.ts';
import { StateCache } from './state-cache.ts';
import type { Observer } from './step-writer.ts';

export type { Observer } from './step-writer.ts';

export interface ProcessorOptions {
  readonly log: EventLog;
  /** Partitions of every topic. */
  readonly partitions: number;
  /** How long an aggregate's entities may be pending, in ms, where that is other than the aggregate itself says. */
  readonly timeouts?: Readonly<Partial<Record<AggregateName, number>>>;
  /** What becomes of users' commands that tell no roles; default `refuse`, see `step-writer.ts`. */
  readonly withoutRoles?: 'accept' | 'refuse';
  /** Where processors keep what they remember, so that a start does not read the whole log. Default: in memory. */
  readonly stores?: Stores;
  /** How many bytes of states are held in memory, about. Default 64 MiB. */
  readonly cacheBytes?: number;
  readonly observer?: Observer;
  /** Keeps copies of the partitions that other processes have. Default: none. */
  readonly standby?: Standby | undefined;
  onTrouble?(error: unknown): void;
}

/** The processor of an aggregate, or of the keys, as the log knows it. */
export function processorOf(aggregate: string): Processor {
  return {
    name: `${aggregate}-processor`,
    input: commandsTopic(aggregate),
    positions: positionsTopic(aggregate),
  };
}

const DEFAULT_CACHE_BYTES = 64 * 2 ** 20;

/** A processor by what it decides: the commands of an aggregate, or which command a key stands for. */
export type Decides = AggregateName | typeof KEYS;

/** All who decide commands: each has a position of its own. */
export const deciders: readonly Decides[] = [KEYS, ...aggregateNames];

/** Starts them, by what they decide: all of them, or those named. */
export async function startProcessors(
  options: ProcessorOptions,
  only: readonly Decides[] = deciders,
): Promise<ReadonlyMap<Decides, Running>> {
  const cache = new StateCache(options.cacheBytes ?? DEFAULT_CACHE_BYTES);
  const started = only.map(async (name): Promise<[Decides, Running]> => {
    return [name, await (name === KEYS ? startKeys(options) : start(options, cache, aggregateNamed(name)))];
  });
  return new Map(await Promise.all(started));
}

function storeOf({ stores }: ProcessorOptions, name: Decides, partition: number): PartitionStore {
  return stores?.open(processorOf(name).name, partition) ?? new MemoryStore();
}

function run({ log, partitions, standby }: ProcessorOptions, processor: ProcessOptions): Promise<Running> {
  return log.process(standby?.beside(processor, partitions) ?? processor);
}

function startKeys(options: ProcessorOptions): Promise<Running> {
  const { partitions, observer } = options;
  return run(options, {
    ...processorOf(KEYS),
    restore: [KEY_USES],
    open: (partition) => openKeysProcess({ partition, partitions, observer, store: storeOf(options, KEYS, partition) }),
  });
}

function start<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  options: ProcessorOptions,
  cache: StateCache,
  aggregate: Aggregate<AggregateName, C, E, S, P>,
): Promise<Running> {
  const { partitions, observer, withoutRoles } = options;
  const { name, progress } = aggregate;
  const parts = PARTS[name];
  const deadlines = progress?.deadline === undefined ? [] : [deadlinesTopic(name)];
  return run(options, {
    ...processorOf(name),
    restore: [stateTopic(name), TRANSACTIONS, ...(parts === undefined ? [] : [parts]), ...deadlines],
    open(partition) {
      const store = storeOf(options, name, partition);
      return openAggregateProcess({
        ...{ aggregate, partition, partitions, observer, withoutRoles, cache, store },
        tellsOfStatuses: name === aggregateNames[0],
        companion: deadlinesOf(options, aggregate, partition, store),
      });
    },
  });
}

function deadlinesOf<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  { log, timeouts, onTrouble }: ProcessorOptions,
  { name, progress, upcasters }: Aggregate<AggregateName, C, E, S, P>,
  partition: number,
  store: PartitionStore,
) {
  if (progress?.deadline === undefined) return undefined;
  const { deadline } = progress;
  return watchDeadlines({
    ...{ log, partition, deadline, store },
    aggregate: { name, progress, ...(upcasters ? { upcasters } : {}) },
    timeoutMs: timeouts?.[name] ?? deadline.afterMs,
    committed: async () => {
      const positions = await log.committed(processorOf(name));
      return positions.find((each) => each.partition === partition)?.offset;
    },
    ...(onTrouble ? { onTrouble } : {}),
  });
}
