/** Checks a log by itself: versions, stock, and the state topics against the fold of the events, partition by partition. */
import { setTimeout as pause } from 'node:timers/promises';
import { type AggregateName, aggregates, type Decider, type Versioned } from '../domain/index.ts';
import type { EventLog, LogRecord } from '../log/event-log.ts';
import { AGGREGATES, eventsTopic, PARTS, stateTopic } from '../records/topics.ts';
import type { Report } from './difference.ts';
import { PartitionAudit } from './partition-audit.ts';
import { Tail } from './tail.ts';

export interface AuditOptions {
  readonly log: EventLog;
  readonly report: Report;
  readonly signal?: AbortSignal;
  /** How long what is under way on a live log may take to settle. Default 10,000 ms. */
  readonly patienceMs?: number;
  /** Reading has moved on by so many offsets. */
  onRead?(offsets: number): void;
}

export interface AuditResult {
  readonly events: number;
  /** Customers, products and purchases, by aggregate. */
  readonly aggregates: Readonly<Record<AggregateName, number>>;
}

const PATIENCE_MS = 10_000;
const PAUSE_MS = 200;

/** Holds the states of one partition at a time. */
export async function auditLog(options: AuditOptions): Promise<AuditResult> {
  const counts = { customers: 0, products: 0, purchases: 0 };
  let events = 0;
  for (const name of AGGREGATES) {
    for (const { partition } of await options.log.ends([eventsTopic(name)])) {
      options.signal?.throwIfAborted();
      const result = await audit(options, name, partition);
      counts[name] += result.aggregates;
      events += result.events;
    }
  }
  return { events, aggregates: counts };
}

function audit(options: AuditOptions, name: AggregateName, partition: number) {
  switch (name) {
    case 'customers':
      return auditPartition(options, aggregates.customers, name, partition);
    case 'products':
      return auditPartition(options, aggregates.products, name, partition);
    case 'purchases':
      return auditPartition(options, aggregates.purchases, name, partition);
  }
}

type Catalogue = Readonly<Record<string, unknown>>;

async function auditPartition<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  { log, report, signal, patienceMs = PATIENCE_MS, onRead }: AuditOptions,
  decider: Decider<C, E, S, P>,
  name: AggregateName,
  partition: number,
): Promise<{ readonly events: number; readonly aggregates: number }> {
  const parts = PARTS[name];
  const state = stateTopic(name);
  const found = new PartitionAudit(decider, { state, parts, partition }, report);
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
