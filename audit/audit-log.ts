/** Checks a log by itself: versions, stock, and the state topics against the fold of the events, partition by partition. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Aggregate, AggregateName, Catalogue, Versioned } from '../domain/index.ts';
import { type AnyAggregate, aggregateNames, allAggregates } from '../domain/registry.ts';
import type { EventLog, LogRecord } from '../log/event-log.ts';
import { eventsTopic, PARTS, stateTopic } from '../records/topics.ts';
import type { Report } from './difference.ts';
import { PartitionAudit } from './partition-audit.ts';
import { Tail } from './tail.ts';

export interface AuditOptions {
  readonly log: EventLog;
  readonly report: Report;
  /** Their definitions. Default: those of the list. */
  readonly aggregates?: readonly AnyAggregate[];
  readonly signal?: AbortSignal;
  /** How long what is under way on a live log may take to settle. Default 10,000 ms. */
  readonly patienceMs?: number;
  /** How many folded states, at most, are held as they are, and not as JSON. Default 10,000. */
  readonly statesInUse?: number;
  /** Reading has moved on by so many offsets. */
  onRead?(offsets: number): void;
}

export interface AuditResult {
  readonly events: number;
  /** How many there are, by aggregate. */
  readonly aggregates: Readonly<Record<AggregateName, number>>;
}

const PATIENCE_MS = 10_000;
const PAUSE_MS = 200;

/** Holds the states of one partition at a time. */
export async function auditLog(options: AuditOptions): Promise<AuditResult> {
  const counts = Object.fromEntries(aggregateNames.map((name) => [name, 0])) as Record<AggregateName, number>;
  let events = 0;
  for (const aggregate of options.aggregates ?? allAggregates) {
    const { name } = aggregate;
    for (const { partition } of await options.log.ends([eventsTopic(name)])) {
      options.signal?.throwIfAborted();
      const result = await auditPartition(options, aggregate, partition);
      counts[name] += result.aggregates;
      events += result.events;
    }
  }
  return { events, aggregates: counts };
}

async function auditPartition<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  { log, report, signal, statesInUse, patienceMs = PATIENCE_MS, onRead }: AuditOptions,
  aggregate: Aggregate<AggregateName, C, E, S, P>,
  partition: number,
): Promise<{ readonly events: number; readonly aggregates: number }> {
  const { name } = aggregate;
  const parts = PARTS[name];
  const state = stateTopic(name);
  const found = new PartitionAudit(aggregate, { state, parts, partition }, report, statesInUse);
  let events = 0;
  const sources = [
    { topic: state, take: found.state.bind(found) },
    ...(parts === undefined ? [] : [{ topic: parts, take: found.part.bind(found) }]),
    // Last: the fold then goes past the versions of the states.
    {
      topic: eventsTopic(name),
      take: (record: LogRecord) => {
        events++;
        found.event(record);
      },
    },
  ].map(({ topic, take }) => ({ take, tail: new Tail(log, { topic, partition }) }));
  const read = async (): Promise<void> => {
    for (const { take, tail } of sources) {
      await tail.read(take, (offsets) => {
        signal?.throwIfAborted();
        onRead?.(offsets);
      });
    }
  };
  await read();
  found.mark();
  const until = Date.now() + patienceMs;
  while (found.unsettled() > 0 && Date.now() < until) {
    await pause(PAUSE_MS, undefined, { signal });
    await read();
  }
  found.finish();
  return { events, aggregates: found.fold.states.size };
}
