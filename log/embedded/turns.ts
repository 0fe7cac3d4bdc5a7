/** One at a time per name: the others wait for their turn, in order of arrival. Who leaves while waiting loses it. */
export class Turns {
  readonly #queues = new Map<string, (() => void)[]>();

  /** Calls `begin` when it is this one's turn, which may be at once; the returned function gives it, or the wait, up. */
  take(name: string, begin: () => void): () => void {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    queue.push(begin);
    if (queue.length === 1) begin();
    return () => {
      const place = queue.indexOf(begin);
      if (place === -1) return;
      queue.splice(place, 1);
      if (queue.length === 0) this.#queues.delete(name);
      else if (place === 0) queue[0]?.();
    };
  }
}
