/**
 * Cooperative scheduling: long work in slices, so that it never blocks the event loop for long. All long work takes turns in one
 * queue: were each to wait for `setImmediate` by itself, Node would run all of their slices in one turn of the event loop.
 */

/** How long one slice lasts, in ms. A turn of the event loop holds one slice, and what input and timers have to do. */
const SLICE_MS = 4;

const queue: (() => void)[] = [];
let armed = false;

function next(): void {
  queue.shift()?.();
  armed = queue.length > 0;
  if (armed) setImmediate(next);
}

/** Resolves after input and timers have had their turn, and those who asked before. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    queue.push(resolve);
    if (armed) return;
    armed = true;
    setImmediate(next);
  });
}

/** Says when the work should let others go first: `if (slice.over()) await slice.next()`. */
export class TimeSlice {
  #ends = performance.now() + SLICE_MS;

  over(): boolean {
    return performance.now() >= this.#ends;
  }

  async next(): Promise<void> {
    await othersTurn();
    this.#ends = performance.now() + SLICE_MS;
  }
}
