/** All that a fetch brought of a partition, decoded at once. */
import { decodeBatches, type FetchedPartition } from '../log/kafka/record-batches.ts';

export function decodeRecords(fetched: FetchedPartition, from: number, lazy = false) {
  const batches = [...decodeBatches(fetched, from, lazy)];
  return { records: batches.flatMap(({ records }) => records), next: batches.at(-1)?.next ?? from };
}
