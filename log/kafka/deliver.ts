/** Brings what was fetched of a partition into its stream, in slices: decoding 1 MB takes some 30 to 90 ms. */
import type { LogRecord } from '../event-log.ts';
import { reasonOf } from './access-faults.ts';
import type { PartitionStream } from './partition-stream.ts';
import { decodeBatches, type FetchedPartition } from './record-batches.ts';

/** The part of `TimeSlice` that is used. */
interface Slice {
  over(): boolean;
  next(): Promise<void>;
}

/** What cannot be decoded ends this stream alone, with the reason: the other partitions of the broker go on. */
export async function deliver(stream: PartitionStream, fetched: FetchedPartition, slice: Slice): Promise<void> {
  stream.end = fetched.lastStableOffset;
  let records: LogRecord[] = [];
  let [next, bytes] = [stream.fetchOffset, 0];
  const push = (): void => {
    // Meanwhile some of it may have been handed over, see `hand-over.ts`.
    const from = stream.fetchOffset;
    if (next > from) stream.push({ records: records.filter(({ offset }) => offset >= from), next, bytes });
    [records, bytes] = [[], 0];
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
