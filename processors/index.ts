/** Starts the processors, one per aggregate and the owner of the idempotency keys, each a line. */

import type { AggregateName } from '../domain/index.ts';
import { customer, type Decider, product, purchase, type Versioned } from '../domain/index.ts';
import type { EventLog, Processor, Running } from '../log/event-log.ts';
import {
  commandsTopic,
  DEADLINES,
  KEY_USES,
  KEYS,
  PARTS,
  positionsTopic,
  stateTopic,
  TRANSACTIONS,
} from '../records/topics.ts';
import { type Companion, type Observer, openAggregateProcess } from './aggregate-process.ts';
import { watchDeadlines } from './deadlines.ts';
import { openKeysProcess } from './keys-process.ts';
import { type Routes, saga } from './saga.ts';

export type { Observer } from './aggregate-process.ts';

export interface ProcessorOptions {
  readonly log: EventLog;
  /** Partitions of every topic. */
  readonly partitions: number;
  /** How long a purchase may be pending, in ms. */
  readonly purchaseTimeoutMs: number;
  readonly observer?: Observer;
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

/** A processor by what it decides: the commands of an aggregate, or which command a key stands for. */
export type Decides = AggregateName | typeof KEYS;

/** Starts them, by what they decide: all of them, or those named. */
export async function startProcessors(
  options: ProcessorOptions,
  only: readonly Decides[] = [KEYS, 'customers', 'products', 'purchases'],
): Promise<ReadonlyMap<Decides, Running>> {
  const { log, purchaseTimeoutMs: timeoutMs, onTrouble } = options;
  const deadlines = (partition: number) =>
    watchDeadlines({
      ...{ log, timeoutMs, partition },
      committed: async () => {
        const positions = await log.committed(processorOf('purchases'));
        return positions.find((each) => each.partition === partition)?.offset;
      },
      ...(onTrouble ? { onTrouble } : {}),
    });
  const starts: Readonly<Record<Decides, () => Promise<Running>>> = {
    keys: () => startKeys(options),
    customers: () => start(options, { ...customer, name: 'customers' }, saga.customers),
    products: () => start(options, { ...product, name: 'products' }, saga.products),
    purchases: () => start(options, { ...purchase, name: 'purchases' }, saga.purchases, deadlines, [DEADLINES]),
  };
  return new Map(await Promise.all(only.map(async (name) => [name, await starts[name]()] as const)));
}

function startKeys({ log, partitions, observer }: ProcessorOptions): Promise<Running> {
  return log.process({
    ...processorOf(KEYS),
    restore: [KEY_USES],
    open: (partition) => openKeysProcess({ partition, partitions, observer }),
  });
}

type Catalogue = Readonly<Record<string, unknown>>;

function start<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  { log, partitions, observer }: ProcessorOptions,
  decider: Decider<C, E, S, P> & { readonly name: AggregateName },
  routes: Routes<C, E>,
  companion?: (partition: number) => Companion<S>,
  restoredByCompanion: readonly string[] = [],
): Promise<Running> {
  const { name } = decider;
  const parts = PARTS[name];
  return log.process({
    ...processorOf(name),
    restore: [stateTopic(name), TRANSACTIONS, ...(parts === undefined ? [] : [parts]), ...restoredByCompanion],
    open: (partition) =>
      openAggregateProcess({ decider, routes, partition, partitions, companion: companion?.(partition), observer }),
  });
}
