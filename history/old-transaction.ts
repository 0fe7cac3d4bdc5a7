/**
 * A transaction whose statuses have left the log: its story, told again from the events by the same rules by which its
 * statuses were written. Its steps have the times of the commands that they answer: when they were decided left with the statuses.
 */
import { evolve, type Versioned } from '../domain/index.ts';
import { advance, progressOfCommand, progressOfOpen } from '../domain/progress.ts';
import { type AnyAggregate, aggregateNamed, aggregateOfCommand, isAggregateName } from '../domain/registry.ts';
import { accepted, isFinal, type TransactionRecord } from '../domain/transaction.ts';
import type { EventLog, LogRecord } from '../log/event-log.ts';
import type { ListedPlace } from '../projectors/log-index-document.ts';
import { attributesOf, UnreadableRecord } from '../records/cloud-event.ts';
import { idempotencyOf } from '../records/command-record.ts';
import { type AnyEvent, readAnyEvent } from '../records/event-record.ts';
import type { ViewStore } from '../views/view-store.ts';
import { positionOf } from './past-record.ts';
import { recordsOfEntity, recordsOfTransaction } from './record-lists.ts';
import { MOST_FOLDED } from './state-then.ts';

type Events = AnyEvent<Readonly<Record<string, unknown>>>;

interface Engines {
  readonly log: Pick<EventLog, 'recordsAt'>;
  readonly views: Pick<ViewStore, 'get'>;
}

const AT_ONCE = 500;

/** Undefined when the index knows of no such transaction, or of nothing that answers its command. @throws {LogUnavailable} */
export async function oldTransaction({ log, views }: Engines, id: string): Promise<TransactionRecord | undefined> {
  const places = await recordsOfTransaction(views, id);
  const begun = await beginning(log, places, id);
  if (begun === undefined || !isAggregateName(begun.aggregate)) return undefined;
  const aggregate = aggregateNamed(begun.aggregate);
  // What an entity keeps open can be ended by whatever happens to it, in another transaction too.
  const events =
    aggregate.progress === undefined
      ? await ofTransaction(log, places, aggregate, begun.entityId)
      : await ofEntity({ log, views }, aggregate, begun.entityId);
  return told(aggregate, begun, events);
}

/** The transaction as its own command began it. */
async function beginning(
  log: Engines['log'],
  places: readonly ListedPlace[],
  id: string,
): Promise<TransactionRecord | undefined> {
  const commands = places.filter(({ kind }) => kind === 'commands');
  for (let from = 0; from < commands.length; from += AT_ONCE) {
    for (const record of await read(log, commands.slice(from, from + AT_ONCE))) {
      const attributes = readable(() => attributesOf(record));
      if (attributes?.id !== id || attributes.issuedby === undefined) continue;
      const { type: command, subject: entityId, issuedby: issuedBy, time: at } = attributes;
      const aggregate = aggregateOfCommand(command) ?? '';
      return accepted({ id, command, aggregate, entityId, issuedBy, at, idempotency: idempotencyOf(attributes) });
    }
  }
  return undefined;
}

async function ofTransaction(
  log: Engines['log'],
  places: readonly ListedPlace[],
  aggregate: AnyAggregate,
  entityId: string,
): Promise<readonly Events[]> {
  const events = places
    .filter((place) => place.kind === 'events' && place.aggregate === aggregate.name)
    .sort((a, b) => a.offset - b.offset);
  return eventsIn(aggregate, await read(log, events)).filter(({ attributes }) => attributes.subject === entityId);
}

async function ofEntity({ log, views }: Engines, aggregate: AnyAggregate, id: string): Promise<readonly Events[]> {
  const list = (await recordsOfEntity(views, aggregate.name, id))?.events;
  if (list === undefined) return [];
  const listed = await list.slice(0, Math.min(list.total, MOST_FOLDED));
  const places = listed.map(({ offset }): ListedPlace => {
    return { aggregate: aggregate.name, kind: 'events', partition: list.partition, offset };
  });
  return eventsIn(aggregate, await read(log, places));
}

async function read(log: Engines['log'], places: readonly ListedPlace[]): Promise<readonly LogRecord[]> {
  const records = await log.recordsAt(places.map(positionOf));
  return records.flatMap((record) => record ?? []);
}

function eventsIn(aggregate: AnyAggregate, records: readonly LogRecord[]): readonly Events[] {
  return records.flatMap((record) => readable(() => readAnyEvent(aggregate, record)) ?? []);
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}

/** Undefined when nothing answers its command. */
function told(
  aggregate: AnyAggregate,
  begun: TransactionRecord,
  events: readonly Events[],
): TransactionRecord | undefined {
  let transaction = begun;
  let state: Versioned = aggregate.initialState;
  let answered = false;
  for (const outcome of byCommand(events)) {
    const own = outcome[0]?.attributes.causationid === begun.id;
    for (const { attributes, event } of outcome) {
      if (event === undefined) continue;
      const before = state;
      if (aggregate.progress !== undefined) state = evolve(aggregate, state, event, attributes.time);
      const version = attributes.version ?? 0;
      const step = aggregate.progress && progressOfOpen(aggregate.progress, before, event);
      const open = step && aggregate.progress?.transaction(before);
      if (step !== undefined && open?.id === begun.id)
        transaction = advance(transaction, step, attributes.time, version);
      const end = own ? undefined : aggregate.inquiries?.ends[event.type]?.(event.data);
      if (end !== undefined && attributes.transactionid === begun.id && end.command === begun.command)
        transaction = advance(transaction, end.step, attributes.time, version);
    }
    if (own) {
      answered = true;
      transaction = afterOwn(aggregate, transaction, outcome);
    }
    if (isFinal(transaction.status)) break;
  }
  return answered ? transaction : undefined;
}

/** What the transaction's own command did to it. */
function afterOwn(
  aggregate: AnyAggregate,
  transaction: TransactionRecord,
  outcome: readonly Events[],
): TransactionRecord {
  const [first] = outcome;
  if (first === undefined) return transaction;
  const { rejection, attributes } = first;
  if (rejection !== undefined) {
    return advance(transaction, { name: 'rejected', status: 'REJECTED', rejection }, attributes.time, 0);
  }
  const events = outcome.flatMap(({ event }) => event ?? []);
  const version = outcome.reduce((newest, { attributes }) => Math.max(newest, attributes.version ?? 0), 0);
  return advance(transaction, progressOfCommand(aggregate, events), attributes.time, version);
}

/** Events that stand together and answer one command. */
function byCommand(events: readonly Events[]): readonly (readonly Events[])[] {
  const outcomes: Events[][] = [];
  for (const event of events) {
    const last = outcomes.at(-1);
    const [first] = last ?? [];
    if (last !== undefined && first?.attributes.causationid === event.attributes.causationid) last.push(event);
    else outcomes.push([event]);
  }
  return outcomes;
}
