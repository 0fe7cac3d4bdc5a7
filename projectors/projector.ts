/** The shape of a projector: it turns the records of one topic into documents, within a step of the view store. */
import type { z } from 'zod';
import { dataOf, UnreadableRecord } from '../log/cloud-event.ts';
import type { LogRecord } from '../log/event-log.ts';
import type { ViewTransaction } from '../views/view-store.ts';

export interface Projector {
  readonly topic: string;
  /**
   * May be called again with the same records when the step met a conflict. Returns the ids of fan-outs that it has left
   * for later, see `fan-out.ts`.
   */
  project(
    records: readonly LogRecord[],
    tx: ViewTransaction,
    unreadable: Unreadable,
  ): Promise<readonly string[] | undefined>;
}

/** Told of records that had to be passed over. */
export type Unreadable = (record: LogRecord, reason: string) => void;

/** The newest state of each id among the records, read by `schema`, in order of first appearance. */
export function newestById<S>(
  records: readonly LogRecord[],
  schema: z.ZodType<S>,
  unreadable: Unreadable,
): ReadonlyMap<string, S> {
  const newest = new Map<string, LogRecord>();
  for (const record of records) {
    if (record.key !== null && record.value !== null) newest.set(record.key, record);
  }
  const states = new Map<string, S>();
  for (const [id, record] of newest) {
    try {
      states.set(id, dataOf(record, schema));
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      unreadable(record, error.message);
    }
  }
  return states;
}
