/** Where a time ends in a list of records: a binary search, since a list may hold a million of them. */
import { SEALED_RECORDS } from '../projectors/log-index-document.ts';
import type { RecordList } from './record-lists.ts';

/**
 * Clock skew: clocks of the processes that write one list differ by less than this, ms. Records of one list are in order of
 * time but for that.
 */
export const CLOCK_SKEW_MS = 60_000;

/**
 * A place in the list from which on every record was written down later than the time.
 * @param time in ms since 1970
 */
export async function placeBehind(list: RecordList, time: number): Promise<number> {
  // In parts as they are sealed, so that each probe reads one document. Before `low` no part is later, from `high` on all are.
  let low = 0;
  let high = Math.ceil(list.total / SEALED_RECORDS);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const part = await list.slice(middle * SEALED_RECORDS, (middle + 1) * SEALED_RECORDS);
    // Any of them: one record whose clock was far ahead does not end the search.
    if (part.some((record) => record.time <= time + CLOCK_SKEW_MS)) low = middle + 1;
    else high = middle;
  }
  return Math.min(list.total, low * SEALED_RECORDS);
}
