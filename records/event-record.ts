/** From a record to an event, for those who fold events again: the restore of a damaged state, and verify. */
import type { Catalogue, Decider, Message, Versioned } from '../domain/index.ts';
import type { LogRecord } from '../log/event-log.ts';
import { attributesOf, dataOf, UnreadableRecord } from './cloud-event.ts';

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
