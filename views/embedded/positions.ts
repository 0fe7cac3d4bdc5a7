/** How far the views are in each partition of the log, as last committed. */
import type { StoredPosition } from '../view-store.ts';

export class Positions {
  readonly #offsets = new Map<string, number>();

  at(topic: string, partition: number): number {
    return this.#offsets.get(`${topic}/${partition}`) ?? 0;
  }

  get areNone(): boolean {
    return this.#offsets.size === 0;
  }

  move(positions: readonly StoredPosition[]): void {
    for (const { topic, partition, offset } of positions) this.#offsets.set(`${topic}/${partition}`, offset);
  }

  replace(positions: readonly StoredPosition[]): void {
    this.#offsets.clear();
    this.move(positions);
  }

  haveReached(ends: readonly StoredPosition[]): boolean {
    return ends.every(({ topic, partition, offset }) => this.at(topic, partition) >= offset);
  }

  /** Whether none lies beyond the end of its partition, nor in a partition that is not among these. */
  areWithin(ends: readonly StoredPosition[]): boolean {
    const known = new Map(ends.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
    return [...this.#offsets].every(([place, offset]) => offset <= (known.get(place) ?? 0));
  }
}
