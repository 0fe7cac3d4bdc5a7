/**
 * How far the process of a partition knows its restore topics: what was read for it, and what its own steps wrote since. A
 * record that somebody else wrote between these is found by a gap in the offsets.
 */
import type { Written, WrittenTopics } from './event-log.ts';

/** What one step wrote to one partition. */
export interface WrittenRange {
  readonly topic: string;
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

interface Known {
  /** Everything before it was read or written here. */
  readonly next: number;
  /** The offset `next` holds no record, but the engine's mark that the step is committed. */
  readonly marked: boolean;
}

export class RestoreProgress {
  readonly #marks: boolean;
  readonly #known: Map<string, Known>;

  /** @param marks whether the engine writes one mark into each partition behind what a step wrote there, as Kafka does */
  constructor(topics: readonly string[], marks: boolean) {
    this.#marks = marks;
    this.#known = new Map(topics.map((topic) => [topic, { next: 0, marked: false }]));
  }

  /** Everything before `next` was given to the process. */
  read(topic: string, next: number): void {
    if (this.#known.has(topic)) this.#known.set(topic, { next, marked: false });
  }

  /** What a committed step wrote, in the process's own partition: of each restore topic. */
  wrote(ranges: Iterable<WrittenRange>): WrittenTopics {
    const written = new Map<string, Written>();
    for (const { topic, first, last, count } of ranges) {
      const known = this.#known.get(topic);
      if (known === undefined) continue;
      const follows = first === known.next || (known.marked && first === known.next + 1);
      written.set(topic, { last, joined: follows && last - first + 1 === count });
      this.#known.set(topic, { next: last + 1, marked: this.#marks });
    }
    return written;
  }
}
