/** Records of the log as they are shown: what happened to whom, when, by whom and why. Read by the records' own functions alone. */
import { type AnyAggregate, aggregateNamed, isAggregateName } from '../domain/registry.ts';
import type { EventLog, LogRecord, Position } from '../log/event-log.ts';
import type { ListedKind, ListedPlace } from '../projectors/log-index-document.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { readAnyCommand } from '../records/command-record.ts';
import { readAnyEvent } from '../records/event-record.ts';
import { commandsTopic, eventsTopic } from '../records/topics.ts';
import { TimeSlice } from '../waiting/time-slice.ts';

/** A command or an event, and where it stands. */
export interface PastRecord {
  readonly kind: ListedKind;
  readonly aggregate: string;
  readonly entityId: string;
  /** Its own; of a user's command that of the transaction. Empty where it cannot be read. */
  readonly id: string;
  readonly type: string;
  /** The entity's version after an event that changed it. */
  readonly version: number | null;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly issuedBy: string | null;
  readonly transactionId: string | null;
  /** The id of the command that caused it; null: a user's own. */
  readonly causedBy: string | null;
  /** In the newest shape; undefined where it cannot be read. */
  readonly data: unknown;
  /** Why it cannot be read, where that is so. */
  readonly unreadable: string | null;
  readonly position: Position;
}

/** Where the record of a place stands on the log. */
export function positionOf({ aggregate, kind, partition, offset }: ListedPlace): Position {
  return { topic: kind === 'commands' ? commandsTopic(aggregate) : eventsTopic(aggregate), partition, offset };
}

/** A record as it is shown. What cannot be read is shown as far as it can. */
export function pastRecord(aggregate: string, kind: ListedKind, record: LogRecord): PastRecord {
  const { topic, partition, offset, key, headers, timestamp } = record;
  const base = { kind, aggregate, entityId: key ?? '', position: { topic, partition, offset } };
  try {
    const definition = isAggregateName(aggregate) ? aggregateNamed(aggregate) : undefined;
    if (definition === undefined) throw new UnreadableRecord(`there is no aggregate ${aggregate}`);
    const { attributes, data } = read(definition, kind, record);
    const { id, type, time, version, issuedby, transactionid, causationid } = attributes;
    return {
      ...base,
      ...{ id, type, at: time, data, unreadable: null },
      version: version ?? null,
      issuedBy: issuedby ?? null,
      transactionId: transactionid ?? null,
      causedBy: causationid ?? null,
    };
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    return {
      ...base,
      id: headers['ce_id'] ?? '',
      type: headers['ce_type'] ?? '',
      version: null,
      at: new Date(timestamp).toISOString(),
      issuedBy: null,
      transactionId: headers['ce_transactionid'] ?? null,
      causedBy: headers['ce_causationid'] ?? null,
      data: undefined,
      unreadable: error.message,
    };
  }
}

function read(aggregate: AnyAggregate, kind: ListedKind, record: LogRecord) {
  return kind === 'commands' ? readAnyCommand(aggregate, record) : readAnyEvent(aggregate, record);
}

/** The records at these places, in their order; undefined where one is no longer on the log. */
export async function recordsAtPlaces(
  log: Pick<EventLog, 'recordsAt'>,
  places: readonly ListedPlace[],
): Promise<readonly (PastRecord | undefined)[]> {
  const records = await log.recordsAt(places.map(positionOf));
  const shown: (PastRecord | undefined)[] = [];
  const slice = new TimeSlice();
  for (const [i, record] of records.entries()) {
    if (slice.over()) await slice.next();
    const place = places[i];
    shown.push(record && place && pastRecord(place.aggregate, place.kind, record));
  }
  return shown;
}
