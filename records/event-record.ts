/** From a record to an event, for those who fold events again: the restore of a damaged state, and verify. */
import { z } from 'zod';
import type { Catalogue, Decider, Message, Versioned } from '../domain/index.ts';
import { type RecordedRejection, recordedRejection } from '../domain/recorded-rejection.ts';
import type { LogRecord } from '../log/event-log.ts';
import { attributesOf, dataOf, type EventAttributes, UnreadableRecord } from './cloud-event.ts';

/** Written for a command that was rejected; changes nothing. */
export const REJECTION = 'CommandRejected';

/** The id of an event: of the command that caused it, and which of its events it is, from 0. */
export function eventId(commandId: string, index: number): string {
  return `${commandId}/${index}`;
}

export interface ReadEvent<E extends Catalogue> {
  /** The aggregate's. */
  readonly id: string;
  readonly event: Message<E>;
  readonly at: string;
  /** The aggregate's version after it, as it was written down. */
  readonly version: number | undefined;
}

/** Undefined for what changes nothing: rejections and notices. @throws {UnreadableRecord} */
export function readEvent<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  decider: Decider<C, E, S, P>,
  record: LogRecord,
): ReadEvent<E> | undefined {
  const { type, subject, time, version } = attributesOf(record);
  if (type === REJECTION || decider.notices.includes(type)) return undefined;
  if (!Object.hasOwn(decider.events, type)) throw new UnreadableRecord(`ce_type: there is no event ${type}`);
  const name: keyof E & string = type;
  return {
    id: subject,
    event: { type: name, data: dataOf(record, decider.events[name], decider.upcasters?.events?.[name]) },
    at: time,
    version,
  };
}

const rejectionEvent = z.object({ command: z.string(), rejection: recordedRejection });

/** Any record of a topic of events: what the events, notices and rejections of a command have in common. */
export interface AnyEvent<E extends Catalogue> {
  readonly attributes: EventAttributes;
  /** Undefined for a rejection. */
  readonly event: Message<E> | undefined;
  /** Undefined but for a rejection. */
  readonly rejection: RecordedRejection | undefined;
  /** In the newest shape. */
  readonly data: unknown;
}

/** @throws {UnreadableRecord} */
export function readAnyEvent<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  decider: Pick<Decider<C, E, S, P>, 'events' | 'upcasters'>,
  record: LogRecord,
): AnyEvent<E> {
  const attributes = attributesOf(record);
  const { type } = attributes;
  if (type === REJECTION) {
    const data = dataOf(record, rejectionEvent);
    return { attributes, event: undefined, rejection: data.rejection, data };
  }
  if (!Object.hasOwn(decider.events, type)) throw new UnreadableRecord(`ce_type: there is no event ${type}`);
  const name: keyof E & string = type;
  const data = dataOf(record, decider.events[name], decider.upcasters?.events?.[name]);
  return { attributes, event: { type: name, data }, rejection: undefined, data };
}
