/** The log behind an entity or a transaction: commands and events in the order in which one led to the other. */
import type { EventLog, Position } from '../log/event-log.ts';
import type { ListedKind, ListedPlace } from '../projectors/log-index-document.ts';
import { type PastRecord, recordsAtPlaces } from './past-record.ts';
import type { EntityRecords, ListedRecord, RecordList } from './record-lists.ts';

/** How far a reader has come in both lists of an entity. */
export interface LogPlace {
  readonly commands: number;
  readonly events: number;
}

export interface PlacedRecord {
  readonly place: ListedPlace;
  /** Behind it. */
  readonly next: LogPlace;
}

/**
 * A stretch of an entity's commands and events, merged by time; of the same time the command comes first. Each list keeps its
 * own order, whatever its times.
 */
export async function stretchOfEntity(
  aggregate: string,
  { commands, events }: EntityRecords,
  after: LogPlace,
  most: number,
): Promise<readonly PlacedRecord[]> {
  const queues = {
    commands: [...(await commands.slice(after.commands, after.commands + most))],
    events: [...(await events.slice(after.events, after.events + most))],
  };
  const found: PlacedRecord[] = [];
  let next = after;
  while (found.length < most) {
    const [command, event] = [queues.commands[0], queues.events[0]];
    if (command === undefined && event === undefined) break;
    const commandFirst = event === undefined || (command !== undefined && command.time <= event.time);
    const [list, record] = commandFirst ? [commands, queues.commands.shift()] : [events, queues.events.shift()];
    if (record === undefined) break;
    next = { ...next, [list.kind]: record.ordinal + 1 };
    found.push({ place: placeOf(aggregate, list, record), next });
  }
  return found;
}

function placeOf(aggregate: string, { kind, partition }: RecordList, { offset }: ListedRecord): ListedPlace {
  return { aggregate, kind, partition, offset };
}

/** What a step writes, in this order. */
const STEP: readonly ListedKind[] = ['events', 'commands'];

/** Offsets tell nothing across partitions: those are kept apart, for an order that is the same each time. */
function byPlace(a: Position, b: Position): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  return a.partition - b.partition || a.offset - b.offset;
}

/** Most records of one transaction: a purchase of 500 lines has some 4,000. */
const MOST_OF_TRANSACTION = 5_000;

/** All records of a transaction, of whatever aggregate: each behind what caused it, else by time. */
export async function recordsInOrder(
  log: Pick<EventLog, 'recordsAt'>,
  places: readonly ListedPlace[],
): Promise<readonly PastRecord[]> {
  const records = await recordsAtPlaces(log, places.slice(0, MOST_OF_TRANSACTION));
  return inOrderOfCause(records.filter((record) => record !== undefined));
}

/**
 * Clocks differ: what was caused by another counts as no earlier than that. Of what one command caused at one time the events come
 * first, and behind them the commands that follow from them.
 */
export function inOrderOfCause(records: readonly PastRecord[]): readonly PastRecord[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  const ranks = new Map<PastRecord, { readonly at: string; readonly depth: number }>();
  function rankOf(record: PastRecord, seen = new Set<PastRecord>()): { readonly at: string; readonly depth: number } {
    const known = ranks.get(record);
    if (known !== undefined) return known;
    const cause = record.causedBy === null ? undefined : byId.get(record.causedBy);
    let rank = { at: record.at, depth: 0 };
    if (cause !== undefined && cause !== record && !seen.has(record)) {
      const before = rankOf(cause, seen.add(record));
      const [, at = record.at] = [before.at, record.at].sort();
      rank = { at, depth: before.depth + 1 };
    }
    ranks.set(record, rank);
    return rank;
  }
  const byRank = (a: PastRecord, b: PastRecord) => {
    const [one, other] = [rankOf(a), rankOf(b)];
    if (one.at !== other.at) return one.at < other.at ? -1 : 1;
    return one.depth - other.depth || STEP.indexOf(a.kind) - STEP.indexOf(b.kind) || byPlace(a.position, b.position);
  };
  return [...records].sort(byRank);
}
