/** Brings what was fetched of a partition into its stream, in slices: decoding 1 MB takes some 30 to 90 ms. */
import type { TimeSlice } from '../../waiting/time-slice.ts';
import type { LogRecord } from '../event-log.ts';
import { reasonOf } from './access-faults.ts';
import type { PartitionStream } from './partition-stream.ts';
import { decodeBatches, type FetchedPartition } from './record-batches.ts';

type Slice = Pick<TimeSlice, 'over' | 'next'>;

/** What cannot be decoded ends this stream alone, with the reason: the other partitions of the broker go on. */
export async function deliver(stream: PartitionStream, fetched: FetchedPartition, slice: Slice): Promise<void> {
  stream.end = fetched.lastStableOffset;
  let records: LogRecord[] = [];
  let [begin, next, bytes] = [stream.fetchOffset, stream.fetchOffset, 0];
  const push = (): void => {
    // Meanwhile some of it may have been handed over, see `hand-over.ts`.
    const from = stream.fetchOffset;
    const given = from > begin ? records.filter(({ offset }) => offset >= from) : records;
    if (next > from) stream.push({ records: given, next, bytes });
    [records, begin, bytes] = [[], next, 0];
  };
  try {
    for (const batch of decodeBatches(fetched, stream.fetchOffset, stream.lazy)) {
      for (const record of batch.records) records.push(record);
      next = batch.next;
      bytes += batch.bytes;
      if (!slice.over()) continue;
      push();
      await slice.next();
      if (stream.closed) return;
    }
    push();
  } catch (error) {
    // Its user is told, and may open it again; the other partitions of the broker go on.
    stream.fail(error instanceof Error ? error : new Error(reasonOf(error)));
  }
}
