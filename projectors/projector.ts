/** The shape of a projector: it turns the records of one topic into documents, within a step of the view store. */

import type { LogRecord } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { isOwnTombstone } from '../records/state-record.ts';
import type { ViewSpec, ViewStep } from '../views/view-store.ts';
import { TimeSlice } from '../waiting/time-slice.ts';

export interface Projector {
  readonly topic: string;
  /**
   * May be called again with the same records when the step met a conflict. Returns the ids of fan-outs that it has left
   * for later, see `fan-out.ts`.
   */
  project(records: readonly LogRecord[], tx: ViewStep, unreadable: Unreadable): Promise<readonly string[] | undefined>;
}

/** The projector of an aggregate, into a view under the aggregate's own name. */
export interface EntityProjector extends Projector {
  readonly view: ViewSpec;
}

/** Told of records that had to be passed over. */
export type Unreadable = (record: LogRecord, reason: string) => void;

/** The newest state of each id among the records, as `read` has it, in order of first appearance. Lets others go between. */
export async function newestById<S>(
  records: readonly LogRecord[],
  read: (record: LogRecord) => S,
  unreadable: Unreadable,
): Promise<ReadonlyMap<string, S>> {
  const states = new Map<string, S>();
  const slice = new TimeSlice();
  for (const record of records) {
    if (slice.over()) await slice.next();
    if (isOwnTombstone(record)) continue;
    try {
      if (record.key === null) throw new UnreadableRecord(record.unreadable ?? 'key: there is none');
      // What cannot be read covers nothing: the document stays as it is, or as an earlier record of these has it.
      states.set(record.key, read(record));
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      unreadable(record, error.message);
    }
  }
  return states;
}
