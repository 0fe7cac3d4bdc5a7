/**
 * Hands what a committed step wrote directly to those who read it in this process, instead of waiting until the brokers have
 * marked it as committed and a fetch has brought it. Nothing is passed over and nothing taken twice (`inlet.ts`): when the
 * same records are fetched later, they stand before the stream's position and are dropped.
 *
 * That a record is taken before it is marked breaks no promise. Its transaction is known to be committed, and the position
 * that is committed with what comes of it counts, whichever process has the partition next.
 */
import type { LogRecord, TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';
import { type Coming, Inlet } from './inlet.ts';
import type { PartitionStream } from './partition-stream.ts';
import type { PlacedRecord } from './placed.ts';
import { sizeOf } from './record-size.ts';
import type { WrittenPosition } from './transactional-writer.ts';

/** A step that is being written. Call one of the two, once. */
export interface StepUnderWay {
  /** It is known to be committed, and stands there. */
  committed(written: readonly WrittenPosition[]): void;
  /** Whether it is committed is not known: the brokers will tell. */
  failed(): void;
}

/** What a step writes to one partition that is read here. */
interface Part {
  readonly inlet: Inlet;
  readonly coming: Coming;
  readonly records: PlacedRecord[];
}

export class HandOver {
  readonly #inlets = new Map<string, Inlet>();

  /** From now on the stream is given what is written to its partition here. Returns what ends that. */
  receive(stream: PartitionStream): () => void {
    const place = placeOf(stream);
    const inlet = new Inlet(stream);
    this.#inlets.set(place, inlet);
    return () => {
      if (this.#inlets.get(place) === inlet) this.#inlets.delete(place);
    };
  }

  /** A step with these records is about to be written. */
  begin(records: readonly PlacedRecord[]): StepUnderWay {
    const parts = new Map<string, Part>();
    for (const record of records) {
      const place = placeOf(record);
      const inlet = this.#inlets.get(place);
      if (inlet === undefined) continue;
      const part = parts.get(place);
      if (part === undefined) parts.set(place, { inlet, coming: inlet.expect(), records: [record] });
      else part.records.push(record);
    }
    return {
      committed: (written) => {
        const timestamp = Date.now();
        for (const position of written) {
          const part = parts.get(placeOf(position));
          if (part !== undefined) give(part, position, timestamp);
        }
      },
      failed: () => {
        for (const { coming } of parts.values()) coming.settle();
      },
    };
  }

  /** See `Inlet.gathered`. */
  async gathered(place: TopicPartition, most: number): Promise<void> {
    await this.#inlets.get(placeOf(place))?.gathered(most);
  }
}

function give({ inlet, coming, records }: Part, { first, offset, count }: WrittenPosition, timestamp: number): void {
  const next = offset + 1;
  // In several batches, others may have written between them: these are fetched.
  if (next - first === count && records.length === count) {
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
    const given = records.map((record, index) => asRead(record, first + index, timestamp));
    inlet.give({ from: first, next, records: given, bytes });
  }
  inlet.committed(coming, next);
}

/** The record as a fetch would bring it. */
function asRead({ topic, partition, key, value, headers }: PlacedRecord, offset: number, timestamp: number): LogRecord {
  return { topic, partition, offset, key, value: value === null ? null : Buffer.from(value), headers, timestamp };
}
