/** When to act on what is typed: at once on the first key after a pause, and then a moment after the last one. */

/** So long without a key is a pause: less than passes between two keys of who types on. */
const PAUSE_MS = 80;

export class Typing {
  #last = Number.NEGATIVE_INFINITY;

  /** A key was typed. @returns how many ms to wait, in case another one follows; 0: act now */
  delay(now = performance.now()): number {
    const paused = now - this.#last >= PAUSE_MS;
    this.#last = now;
    return paused ? 0 : PAUSE_MS;
  }
}
