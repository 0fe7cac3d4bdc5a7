/**
 * What steps of this process are writing to one partition that is read here. Offsets alone decide what the stream is given:
 * records go in when they stand exactly where it would read next, and wait until what stands before them has come, by a
 * fetch or from another step.
 */
import { pause } from '../../waiting/pause.ts';
import type { Chunk, PartitionStream } from './partition-stream.ts';

/** A step usually takes a few milliseconds. One that hangs must not hold up the others. */
const LONGEST_GATHERING_MS = 50;
/** More wait only where a partition is far behind: there they are fetched. */
const [MOST_EARLY, MOST_EARLY_BYTES] = [32, 2 * 1024 * 1024];
/** How many offsets before a step's records may still have to come for it to be waited for: beyond that, fetching takes longer. */
const NEAR = 500;

/** Records of a committed step, which stand in the partition one after another. */
export interface Given extends Chunk {
  readonly from: number;
}

/** A step that writes to the partition. */
export interface Coming {
  /** The position after its last record; undefined while that is not known. */
  next: number | undefined;
  readonly arrived: Promise<void>;
  /** Nothing is waited for any more. */
  settle(): void;
}

export class Inlet {
  readonly stream: PartitionStream;
  /** Not yet given, for something before them has not come. */
  #early: readonly Given[] = [];
  readonly #coming = new Set<Coming>();

  constructor(stream: PartitionStream) {
    this.stream = stream;
    stream.onMove = () => this.#moved();
  }

  /** A step is about to be written to the partition. */
  expect(): Coming {
    let resolve: () => void = () => undefined;
    const arrived = new Promise<void>((resolved) => {
      resolve = resolved;
    });
    const coming: Coming = {
      next: undefined,
      arrived,
      settle: () => {
        this.#coming.delete(coming);
        resolve();
      },
    };
    this.#coming.add(coming);
    return coming;
  }

  /** Back-pressure: a stream that is full takes nothing; it fetches once there is room. */
  give(given: Given): void {
    if (!this.stream.wanting) return;
    this.#early = newest([...this.#early, given]);
    this.#moved();
  }

  /** It is known how far the step's records go. Those of a stream that is full are not waited for. */
  committed(coming: Coming, next: number): void {
    coming.next = next;
    if (this.stream.wanting) this.#moved();
    else coming.settle();
  }

  /**
   * Group commit: resolves when the steps that are being written to the partition now have ended and their records are here, so
   * that what they ask is decided together, in one step. Those that begin later are not waited for.
   * @param most as many records as a step takes: where they are here already, nothing is waited for
   */
  async gathered(most: number): Promise<void> {
    const { stream } = this;
    if (!stream.wanting || stream.holds(most)) return;
    const near = [...this.#coming].filter(({ next }) => next === undefined || next - stream.fetchOffset <= NEAR);
    if (near.length === 0) return;
    const arrived = new AbortController();
    const all = Promise.all(near.map((coming) => coming.arrived));
    await Promise.race([all, pause(LONGEST_GATHERING_MS, { signal: arrived.signal })]);
    arrived.abort();
  }

  #moved(): void {
    const { stream } = this;
    const fits = this.#early.find(({ from }) => from === stream.fetchOffset);
    this.#early = this.#early.filter((given) => given !== fits && given.from >= stream.fetchOffset);
    if (fits !== undefined) {
      // Moves the stream on, and so calls this again for the next one.
      stream.push(fits);
      return;
    }
    for (const coming of this.#coming) {
      if (coming.next !== undefined && coming.next <= stream.fetchOffset) coming.settle();
    }
  }
}

/** As many of the last ones as may wait. */
function newest(given: readonly Given[]): readonly Given[] {
  let bytes = 0;
  const kept = given.slice(-MOST_EARLY).toReversed();
  const enough = kept.findIndex((one) => {
    bytes += one.bytes;
    return bytes > MOST_EARLY_BYTES;
  });
  return (enough === -1 ? kept : kept.slice(0, enough)).toReversed();
}
