/**
 * A state as it stands on its compacted topic, and how foreign records are told from it: what somebody else writes there, by
 * mistake or to repair something, must not replace the state that the events made.
 */
import type { z } from 'zod';
import type { Versioned } from '../domain/index.ts';
import type { Upcasters } from '../domain/versions.ts';
import type { LogRecord, NewRecord, TopicPartition } from '../log/event-log.ts';
import { attributesOf, dataOf, toHeaders, UnreadableRecord } from './cloud-event.ts';

export const STATE = 'State';
export const PART = 'Part';
/** The type on a tombstone that a processor wrote itself: there is nothing under its key. */
export const NOTHING = 'Nothing';

/** How an aggregate's states are read. */
export interface StateSchemas<S> {
  readonly state: z.ZodType<S>;
  readonly upcasters?: { readonly state?: Upcasters };
}

/** The state in its newest shape. @throws {UnreadableRecord} for anything but what a processor writes. */
export function stateOf<S extends Versioned>(record: LogRecord, { state: schema, upcasters }: StateSchemas<S>): S {
  const { type, subject, version } = attributesOf(record);
  if (type !== STATE) throw new UnreadableRecord(`ce_type: it is ${type}, not ${STATE}`);
  if (subject !== record.key) throw new UnreadableRecord('key: it is not ce_subject');
  const state = dataOf(record, schema, upcasters?.state);
  if (state.version !== version) throw new UnreadableRecord('ce_version: it is not the version of the state');
  return state;
}

/**
 * A tombstone, marked as a processor's own. A foreign key may be very long: the headers hold its beginning alone, or the
 * record would not fit on the log.
 */
export function ownTombstone(where: TopicPartition & { readonly key: string }, source: string, at: string): NewRecord {
  const subject = where.key.slice(0, 100).toWellFormed();
  const headers = toHeaders({ id: subject, type: NOTHING, source, subject, time: at });
  return { ...where, value: null, headers };
}

/** Whether a processor wrote this tombstone. Others do not count: they may have been written by mistake. */
export function isOwnTombstone({ value, headers }: LogRecord): boolean {
  return value === null && headers['ce_type'] === NOTHING;
}
