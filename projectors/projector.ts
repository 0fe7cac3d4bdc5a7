/** The shape of a projector: it turns the records of one topic into documents, within a step of the view store. */
import type { z } from 'zod';
import { dataOf, UnreadableRecord } from '../log/cloud-event.ts';
import type { LogRecord } from '../log/event-log.ts';
import type { Doc, Filter, ViewTransaction } from '../views/view-store.ts';

export interface Projector {
  readonly topic: string;
  /** May be called again with the same records when the step met a conflict. */
  project(records: readonly LogRecord[], tx: ViewTransaction, unreadable: Unreadable): Promise<void>;
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

/** Every document that matches, in batches, each document once even when the caller changes it. */
export async function* eachMatching<D extends Doc>(
  tx: ViewTransaction,
  view: string,
  filter: Filter,
): AsyncIterable<readonly D[]> {
  const limit = 1000;
  let after: readonly [string] | undefined;
  for (;;) {
    const docs: readonly D[] = await tx.find<D>(view, { filter, limit, ...(after ? { after } : {}) });
    const last = docs.at(-1);
    if (last === undefined) return;
    yield docs;
    if (docs.length < limit) return;
    after = [last._id];
  }
}
