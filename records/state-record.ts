/**
 * A state as it stands on its compacted topic, and what does not count as one: whoever else writes there, by mistake or in
 * an attempt to mend, must not take the place of what the events made of an aggregate.
 */
import type { z } from 'zod';
import type { Versioned } from '../domain/index.ts';
import type { Upcasters } from '../domain/versions.ts';
import type { LogRecord, NewRecord, TopicPartition } from '../log/event-log.ts';
import { attributesOf, dataOf, toHeaders, UnreadableRecord } from './cloud-event.ts';

export const STATE = 'State';
export const PART = 'Part';
/** The type of a tombstone that a processor wrote itself, over a key that stands for nothing. */
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
 * A tombstone of a processor's own. A foreign key may be very long: the headers hold its beginning, or the record would not
 * fit on the log.
 */
export function nothing(where: TopicPartition & { readonly key: string }, source: string, at: string): NewRecord {
  const subject = where.key.slice(0, 100).toWellFormed();
  const headers = toHeaders({ id: subject, type: NOTHING, source, subject, time: at });
  return { ...where, value: null, headers };
}

/** Whether a processor itself said that there is nothing under this key. */
export function saysNothing({ value, headers }: LogRecord): boolean {
  return value === null && headers['ce_type'] === NOTHING;
}
